package org.kvcache.bench.herald;

import java.util.List;

/**
 * What is measured.
 *
 * @param methods ways to choose
 * @param schemes ways to store
 * @param budgets shares of the prefix
 * @param slack places on the device beyond those of the chosen, as a share of them
 * @param recall whether the attention kept is measured too
 */
record AccuracySettings(
    List<RetrievalMethod> methods,
    List<KeyScheme> schemes,
    List<Double> budgets,
    double slack,
    boolean recall) {

  AccuracySettings {
    methods = List.copyOf(methods);
    schemes = List.copyOf(schemes);
    budgets = List.copyOf(budgets);
  }

  /** Lines of the table for each scheme: a method and a budget. */
  int trials() {
    return schemes.size()
        * methods.stream().mapToInt(method -> method.budgets(budgets).size()).sum();
  }
}
