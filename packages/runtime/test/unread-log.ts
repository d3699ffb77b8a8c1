import { createLogger } from '../src/logger.ts';

/** Waits until its log has no reader any more, says its last words and ends, as a service does that was told to stop. */
process.stdin.once('end', () => {
  const logger = createLogger('lonely', 'info');
  logger.info('stopping');
  logger.error('stopping took too long');
  process.exit(0);
});
process.stdin.resume();
