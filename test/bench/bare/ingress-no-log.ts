import { serveSignedPosts } from './signed-posts.ts';

await serveSignedPosts(
  async () => undefined,
  async () => undefined,
);
