export { createBacklog } from './backlog.ts';
export { type Collection, connectStore, type Session, type Store } from './connection.ts';
export { createDocuments, indexDocuments } from './documents.ts';
export { Conflict, mapped } from './errors.ts';
export { countByStatus, stateOf } from './states.ts';
