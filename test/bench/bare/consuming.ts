/** Fetches and commits as ours does. */
export const fetchLikeOurs = { maxWaitTimeInMs: 500, maxBytes: 2 * 1024 * 1024, maxBytesPerPartition: 512 * 1024 } as const;
export const runLikeOurs = { autoCommit: false, eachBatchAutoResolve: false, partitionsConsumedConcurrently: 4 } as const;
