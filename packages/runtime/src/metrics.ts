import type { Meter, MetricLabels } from '@scenefi/kernel';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const secondsBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const sizeBuckets = [1, 5, 10, 25, 50, 100, 250, 500];

export type Metrics = Meter & { text(): Promise<string> };

/** One child per name and labels, looked up by a short key: the library would sort and join the labels every time. */
const kept = <Child>(
  children: Map<string, Child>,
  name: string,
  labels: MetricLabels,
  make: (name: string, labels: MetricLabels) => Child,
): Child => {
  let key = name;
  for (const label in labels) key += `|${labels[label]}`;
  let child = children.get(key);
  if (!child) {
    child = make(name, labels);
    children.set(key, child);
  }
  return child;
};

/** Prometheus metrics of one process. A metric takes its label names from its first use. */
export const createMetrics = (service: string): Metrics => {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  const counts = new Map<string, Counter.Internal>();
  const observations = new Map<string, Histogram.Internal<string>>();
  const gauges = new Map<string, Set<() => number | Promise<number>>>();
  const help = (name: string): string => name.replaceAll('_', ' ');

  const counterOf = (name: string, labels: MetricLabels): Counter.Internal => {
    let counter = counters.get(name);
    if (!counter) {
      counter = new Counter({ name, help: help(name), labelNames: Object.keys(labels), registers: [registry] });
      counters.set(name, counter);
    }
    return counter.labels({ ...labels });
  };

  const histogramOf = (name: string, labels: MetricLabels): Histogram.Internal<string> => {
    let histogram = histograms.get(name);
    if (!histogram) {
      const buckets = name.endsWith('_seconds') ? secondsBuckets : sizeBuckets;
      histogram = new Histogram({ name, help: help(name), labelNames: Object.keys(labels), buckets, registers: [registry] });
      histograms.set(name, histogram);
    }
    return histogram.labels({ ...labels });
  };

  /** Aggregates beside one another ask for the same gauge; the process shows their sum, or no number where one cannot be read. */
  const openGauge = (name: string): Set<() => number | Promise<number>> => {
    const reads = new Set<() => number | Promise<number>>();
    const sum = async (): Promise<number> => (await Promise.all([...reads].map((one) => one()))).reduce((total, value) => total + value, 0);
    const collect = async (): Promise<void> => gauge.set(await sum().catch(() => Number.NaN));
    const gauge: Gauge = new Gauge({ name, help: help(name), registers: [registry], collect });
    gauges.set(name, reads);
    return reads;
  };

  return {
    count: (name, labels = {}, by = 1) => kept(counts, name, labels, counterOf).inc(by),
    observe: (name, value, labels = {}) => kept(observations, name, labels, histogramOf).observe(value),
    gauge: (name, read) => {
      const reads = gauges.get(name) ?? openGauge(name);
      reads.add(read);
      return () => void reads.delete(read);
    },
    text: () => registry.metrics(),
  };
};
