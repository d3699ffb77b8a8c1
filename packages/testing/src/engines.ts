export { openBrokerProxy } from './broker-proxy.ts';
export { keptLogger, keptMeter, type LogLine, type TestClock, testClock, testRandom } from './clock.ts';
export { engineAddresses, namespace, until } from './namespace.ts';
export { noticeData, schoolFees } from './notices.ts';
export { openProxy, type Proxy } from './proxy.ts';
export { type RawBus, type RawRecord, rawBus, rawDatabase } from './raw.ts';
export { getJson, internalToken, serviceUnderTest } from './service.ts';
export { type EndSpy, endSpy } from './spy.ts';
