import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { armFailPoints } from '@scenefi/kernel';

/** Whether this is the first process of all that comes to the place: whoever makes the mark dies of it. */
const isFirst = (folder: string, mark: string): boolean => {
  try {
    closeSync(openSync(join(folder, mark), 'wx'));
    return true;
  } catch {
    return false;
  }
};

/**
 * For tests of crashes: `FAIL_POINTS` names places, separated by commas, such as `after-save payment debiting`, and
 * `FAIL_MARKS` a folder. The first process that comes to a place ends as if it were killed, and leaves a mark there;
 * everybody after it passes.
 */
export const startFailPoints = ({ FAIL_POINTS, FAIL_MARKS }: NodeJS.ProcessEnv): void => {
  if (!FAIL_POINTS || !FAIL_MARKS) return;
  const wanted = new Set(FAIL_POINTS.split(','));
  armFailPoints((point, about) => {
    const place = `${point} ${about}`;
    if (wanted.has(place) && isFirst(FAIL_MARKS, place)) process.kill(process.pid, 'SIGKILL');
  });
};
