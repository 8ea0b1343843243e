package org.kvcache.sim.cli;

/**
 * One replay to do.
 *
 * @param policy name of a policy or bound
 * @param capacity slots
 * @param label the capacity as the user wrote it, for messages
 * @param chartOnly true if only a chart wants it
 */
record Cell(String policy, int capacity, String label, boolean chartOnly) {}
