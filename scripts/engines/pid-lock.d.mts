export type ProcessName = { pid: number; started: string };
export type Lock = { release(): void; heldBy?: never };
export const startOf: (pid: number) => string | undefined;
export const commandOf: (pid: number) => string;
export const alive: (name: ProcessName) => boolean;
export const self: () => ProcessName;
export const tryLock: (path: string) => Lock | { heldBy: number; release?: never };
export const waitLock: (path: string, options?: { onWait?: (pid: number) => void; signal?: AbortSignal | undefined }) => Promise<Lock>;
