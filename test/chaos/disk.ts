import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const chunk = Buffer.alloc(1 << 20);

/** A small file system in memory over a folder that is there, which can be full; undefined where nobody lets us mount one. */
export const mountDisk = (path: string, megabytes: number) => {
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path]).status !== 0) return undefined;
  const ballast = join(path, 'ballast');
  return {
    /** Writes until not one more byte fits. */
    fill: (): void => {
      const file = openSync(ballast, 'w');
      try {
        let size = chunk.length;
        while (size >= 1) if (!written(file, size)) size = Math.floor(size / 2);
      } finally {
        closeSync(file);
      }
    },
    free: (): void => rmSync(ballast, { force: true }),
    unmount: (): void => void spawnSync('umount', ['--lazy', path]),
  };
};

const written = (file: number, size: number): boolean => {
  try {
    return writeSync(file, chunk, 0, size) === size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
};
