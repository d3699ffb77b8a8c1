export { createBacklog } from './backlog.ts';
export { type Collection, connectStore, type Session, type Store, type StoreConfig } from './connection.ts';
export { createDocuments, indexDocuments } from './documents.ts';
export { Conflict, isDuplicateKey, mapMongoError, mapped } from './errors.ts';
