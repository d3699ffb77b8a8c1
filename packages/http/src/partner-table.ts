import { createSecretKey, type KeyObject } from 'node:crypto';
import { CredentialIssued, CredentialRevoked, PartnerDescribed } from '@scenefi/contracts';
import type { Message } from '@scenefi/engine';
import type { DataOf, Logger, Random } from '@scenefi/kernel';
import { openSecret } from './sealed.ts';

/** Every sender is tried with at least so many keys, so that an unknown one takes as long to refuse as a known one. */
const keysTriedMin = 2;

export const partnerTopics = [PartnerDescribed.topic, CredentialIssued.topic] as const;

type Partner = {
  described?: PartnerDescribed;
  scenes: ReadonlySet<string>;
  keys: Map<string, KeyObject>;
  revoked: Set<string>;
  tried: readonly KeyObject[];
};

export type PartnerTable = {
  /** Folds one message of the table topics. The last word under a key counts, as in the compacted topic. */
  take(message: Message): void;
  knows(partnerId: string): boolean;
  /** The keys to verify a sender with, filled up with random ones; for an unknown sender nothing but random ones. */
  keysOf(partnerId: string): readonly KeyObject[];
  mayServe(partnerId: string, scene: string): boolean;
  /** What the bank knows of a partner; undefined for one that was never described. */
  describedAs(partnerId: string): PartnerDescribed | undefined;
  /** The key that we sign with: the partner's live one that was issued last; undefined where there is none. */
  signingKeyOf(partnerId: string): KeyObject | undefined;
};

type TableOptions = { credentialKey: KeyObject | Buffer; logger: Logger; random: Random };

/** Who may send what, and with which keys: a pure fold of facts, so that every process comes to the same table in any order. */
export const createPartnerTable = ({ credentialKey, logger, random }: TableOptions): PartnerTable => {
  const partners = new Map<string, Partner>();
  const nobodysKeys = Array.from({ length: keysTriedMin }, () => createSecretKey(random.bytes(32)));

  const partnerOf = (partnerId: string): Partner => {
    const partner = partners.get(partnerId) ?? {
      scenes: new Set<string>(),
      keys: new Map<string, KeyObject>(),
      revoked: new Set<string>(),
      tried: nobodysKeys,
    };
    partners.set(partnerId, partner);
    return partner;
  };

  const liveKeys = ({ keys, revoked }: Partner): KeyObject[] => [...keys].filter(([keyId]) => !revoked.has(keyId)).map(([, key]) => key);

  const settleKeys = (partner: Partner): void => {
    const live = liveKeys(partner);
    partner.tried = [...live, ...nobodysKeys.slice(live.length)];
  };

  const issue = ({ partnerId, keyId, sealed }: DataOf<typeof CredentialIssued>): void => {
    try {
      const secret = openSecret(credentialKey, { partnerId, keyId }, sealed);
      const partner = partnerOf(partnerId);
      partner.keys.set(keyId, createSecretKey(secret));
      settleKeys(partner);
    } catch {
      logger.error('credential ignored, it does not open', { partnerId, keyId });
    }
  };

  const revoke = ({ partnerId, keyId }: DataOf<typeof CredentialRevoked>): void => {
    const partner = partnerOf(partnerId);
    partner.revoked.add(keyId);
    settleKeys(partner);
  };

  const describe = (described: PartnerDescribed): void => {
    const partner = partnerOf(described.partnerId);
    if (partner.described && described.revision < partner.described.revision) return;
    partner.described = described;
    partner.scenes = new Set(described.scenes);
  };

  const fold = (type: string | undefined, data: unknown): void => {
    if (type === PartnerDescribed.ceType) describe(PartnerDescribed.read(data));
    else if (type === CredentialIssued.ceType) issue(CredentialIssued.read(data));
    else if (type === CredentialRevoked.ceType) revoke(CredentialRevoked.read(data));
  };

  return {
    take: ({ event, value, topic, partition, offset }) => {
      if (value === null) return;
      try {
        fold(event?.type, JSON.parse(value.toString('utf8')));
      } catch {
        logger.error('message of a table ignored, it cannot be read', { topic, partition, offset });
      }
    },
    knows: (partnerId) => partners.has(partnerId),
    keysOf: (partnerId) => partners.get(partnerId)?.tried ?? nobodysKeys,
    mayServe: (partnerId, scene) => partners.get(partnerId)?.scenes.has(scene) ?? false,
    describedAs: (partnerId) => partners.get(partnerId)?.described,
    signingKeyOf: (partnerId) => {
      const partner = partners.get(partnerId);
      return partner && liveKeys(partner).at(-1);
    },
  };
};
