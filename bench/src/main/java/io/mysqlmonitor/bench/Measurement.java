package io.mysqlmonitor.bench;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * What one run of a contender showed.
 *
 * @param workload the workload's title
 * @param contender the contender's title
 * @param round from 1 on
 * @param changes of the backlog
 * @param messages that came
 * @param changesPerSecond from the first message to the last; of a warm workload from the middle on
 * @param cpuSecondsPer100k of the process, per 100,000 changes; with its start, except of a warm workload
 * @param peakMegabytes resident memory
 * @param secondsToFirstMessage from the start of the process
 * @param p50 latency in milliseconds, from the return of the commit to the consumer; null if it was not measured
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Measurement(
        String workload,
        String contender,
        int round,
        long changes,
        long messages,
        Double changesPerSecond,
        Double cpuSecondsPer100k,
        double peakMegabytes,
        double secondsToFirstMessage,
        Double p50,
        Double p95,
        Double p99) {}
