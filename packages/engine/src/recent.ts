/** A message that an aggregate has decided: hashes of its id and its body, and the code where it was refused. */
export type Decided = { id: Buffer; body: Buffer; refused?: string };

const hashBytes = 16;

/** Per message 16 bytes of the id, 16 of the body, the length of the code and the code: one binary instead of an array of documents. */
export const encodeRecent = (recent: readonly Decided[]): Buffer =>
  Buffer.concat(recent.flatMap(({ id, body, refused = '' }) => [id, body, Buffer.from([refused.length]), Buffer.from(refused, 'latin1')]));

export const decodeRecent = (bytes: Buffer): Decided[] => {
  const recent: Decided[] = [];
  let at = 0;
  while (at < bytes.length) {
    const id = bytes.subarray(at, at + hashBytes);
    const body = bytes.subarray(at + hashBytes, at + 2 * hashBytes);
    const length = bytes[at + 2 * hashBytes] ?? 0;
    at += 2 * hashBytes + 1;
    recent.push(length === 0 ? { id, body } : { id, body, refused: bytes.toString('latin1', at, at + length) });
    at += length;
  }
  return recent;
};
