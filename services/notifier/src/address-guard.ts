import { type LookupAddress, lookup as resolve } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { notifierErrors } from './errors.ts';

/** Gives every address of a name. */
export type Resolve = (name: string, done: (error: Error | null, addresses: LookupAddress[]) => void) => void;

const systemResolve: Resolve = (name, done) => resolve(name, { all: true, verbatim: true }, done);

type GuardOptions = {
  /** Development only: posts to http and to the machine itself. */
  allowPrivate: boolean;
  resolve?: Resolve;
};

/** All of the IPv6 internet lies in 2000::/3; outside of it there are old ways to write IPv4 addresses into IPv6 ones. */
const isGlobal = (address: ipaddr.IPv4 | ipaddr.IPv6): boolean => !('parts' in address) || address.parts[0]! >> 13 === 1;

/** Whether an address belongs to the public internet. One that wraps another is judged by what is inside, or refused as a tunnel. */
export const isPublicAddress = (address: string): boolean => {
  if (!ipaddr.isValid(address)) return false;
  const judged = ipaddr.process(address);
  return judged.range() === 'unicast' && isGlobal(judged);
};

const literalOf = ({ hostname }: URL): string | undefined => {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return ipaddr.isValid(bare) ? bare : undefined;
};

const refused = (reason: string) => notifierErrors.ADDRESS_REFUSED({ reason });

/**
 * Keeps the bank from being made to post into its own network. What stands in a URL is checked before the call; what a name
 * resolves to is checked in the lookup of the connection itself, so that it goes to the very addresses that were checked.
 */
export const createAddressGuard = ({ allowPrivate, resolve: resolveName = systemResolve }: GuardOptions) => {
  const check = (callbackUrl: string): URL => {
    const url = URL.parse(callbackUrl);
    if (!url) throw refused('not-a-url');
    if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')) throw refused('not-https');
    if (url.username !== '' || url.password !== '') throw refused('credentials-in-url');
    // A lookup is never made for a literal, in whatever spelling: the URL parser has brought it to the usual one.
    const literal = literalOf(url);
    if (literal !== undefined && !allowPrivate && !isPublicAddress(literal)) throw refused('private-address');
    return url;
  };

  const lookup: LookupFunction = (name, { all, family }, done) => {
    resolveName(name, (error, addresses) => {
      if (error) return done(error, '');
      // One private address among public ones is enough to be refused: which one is taken would be chance.
      const isPrivate = !allowPrivate && addresses.some(({ address }) => !isPublicAddress(address));
      if (isPrivate) return done(refused('private-address'), '');
      const wanted = family === 4 || family === 6 ? addresses.filter((one) => one.family === family) : addresses;
      const [first] = wanted;
      if (!first) return done(refused('no-address'), '');
      if (all) return done(null, wanted);
      done(null, first.address, first.family);
    });
  };

  return {
    /** Throws `NOTIFIER_ADDRESS_REFUSED` where a URL, as it is written, must not be posted to. */
    check,
    /** The lookup of a connection; fails with the same error. */
    lookup,
  };
};

export type AddressGuard = ReturnType<typeof createAddressGuard>;
