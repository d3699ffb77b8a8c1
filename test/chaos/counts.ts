import { answerOf, readJournal } from '../audit/journal.ts';
import { readDatabases } from '../audit/raw-databases.ts';
import { namespace } from './town.ts';

export type Counts = {
  /** Notices by what their school knows: acknowledged, refused, or never answered. */
  acked: number;
  refused: number;
  unknown: number;
  /** Of the acknowledged ones. */
  deadLettered: Record<string, number>;
  parked: number;
  repeatsSent: number;
};

const noticeTopic = 'campus.notice.v1';

/** What became of the notices, each counted once however often it was sent. */
export const countNotices = async (journalFile: string, mongoUrl: string): Promise<Counts> => {
  const { sends } = await readJournal(journalFile);
  const { backlogs } = await readDatabases(mongoUrl, namespace);
  const byNotice = Map.groupBy(sends, ({ noticeId }) => noticeId);
  const answers = new Map([...byNotice].map(([noticeId, own]) => [noticeId, own.map(answerOf)]));
  const acked = new Set([...answers].filter(([, own]) => own.includes('accepted')).map(([noticeId]) => noticeId));
  const unanswered = [...answers].filter(([noticeId, own]) => !acked.has(noticeId) && own.includes('unanswered'));
  const letters = backlogs.flatMap((backlog) => backlog.letters).filter(({ message }) => message.topic.endsWith(noticeTopic));
  const codes = letters.filter(({ message }) => acked.has(message.headers.ce_id ?? '')).map(({ code }) => code);
  return {
    acked: acked.size,
    refused: answers.size - acked.size - unanswered.length,
    unknown: unanswered.length,
    deadLettered: Object.fromEntries([...Map.groupBy(codes, (code) => code)].map(([code, own]) => [code, own.length])),
    parked: backlogs.reduce((sum, { parked, heads }) => sum + parked.length + heads.length, 0),
    repeatsSent: sends.length - byNotice.size,
  };
};
