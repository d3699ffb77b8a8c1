import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import type { Random } from '@scenefi/kernel';

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/** Whose secret it is: bound into the seal, so that one partner's text cannot stand in for another's. */
export type SealOwner = { partnerId: string; keyId: string };

const ownerBytes = ({ partnerId, keyId }: SealOwner): Buffer => Buffer.from(JSON.stringify([partnerId, keyId]));

/** Encrypts a secret under a key of 32 bytes (AES-256-GCM, random IV): base64 of IV, tag and ciphertext. */
export const sealSecret = (key: KeyObject | Buffer, owner: SealOwner, secret: Buffer, random: Random): string => {
  const iv = random.bytes(ivBytes);
  const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagBytes });
  cipher.setAAD(ownerBytes(owner));
  const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
};

/** The secret again. Throws where key or owner are others, or a byte was changed; the error quotes nothing. */
export const openSecret = (key: KeyObject | Buffer, owner: SealOwner, sealed: string): Buffer => {
  const bytes = Buffer.from(sealed, 'base64');
  try {
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
    decipher.setAAD(ownerBytes(owner));
    decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]);
  } catch (cause) {
    throw new Error('a sealed secret does not open with this key for this owner', { cause });
  }
};
