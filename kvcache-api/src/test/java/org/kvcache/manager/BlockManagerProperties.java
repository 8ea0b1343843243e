package org.kvcache.manager;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import org.kvcache.manager.Command.Kind;
import org.kvcache.spi.PolicySpec;

class BlockManagerProperties {

  @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
  void behavesAsItsReference(
      @ForAll @IntRange(min = 1, max = 40) int slots,
      @ForAll("policies") PolicySpec policy,
      @ForAll("watermarks") double watermark,
      @ForAll @IntRange(max = 3) int demotionUses,
      @ForAll("runs") List<Command> commands) {
    new ManagerTwin(slots, policy, watermark, demotionUses).run(commands);
  }

  @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
  void behavesAsItsReferenceUnderPressure(
      @ForAll @IntRange(min = 1, max = 6) int slots,
      @ForAll("policies") PolicySpec policy,
      @ForAll("runs") List<Command> commands) {
    new ManagerTwin(slots, policy, 0, 2).run(commands);
  }

  @Provide
  Arbitrary<PolicySpec> policies() {
    return Arbitraries.of(TestPolicies.ALL);
  }

  @Provide
  Arbitrary<Double> watermarks() {
    return Arbitraries.of(0.0, 0.0, 0.1, 0.5);
  }

  @Provide
  Arbitrary<List<Command>> runs() {
    RandomDistribution uniform = RandomDistribution.uniform();
    return commands().list().ofMinSize(1).ofMaxSize(150).withSizeDistribution(uniform);
  }

  private static Arbitrary<Command> commands() {
    Arbitrary<Kind> kinds =
        Arbitraries.frequency(
            Tuple.of(12, Kind.SERVE),
            Tuple.of(10, Kind.BEGIN),
            Tuple.of(3, Kind.MATCH),
            Tuple.of(8, Kind.ALLOCATE),
            Tuple.of(12, Kind.COMMIT),
            Tuple.of(2, Kind.COMMIT_OTHER),
            Tuple.of(9, Kind.RELEASE),
            Tuple.of(3, Kind.FORK),
            Tuple.of(3, Kind.TRUNCATE),
            Tuple.of(4, Kind.REOPEN),
            Tuple.of(5, Kind.RETAIN),
            Tuple.of(2, Kind.WAIT),
            Tuple.of(1, Kind.PIN),
            Tuple.of(1, Kind.CLOSE),
            Tuple.of(1, Kind.CLEAR));
    Arbitrary<Integer> tables = Arbitraries.integers().between(0, 3);
    Arbitrary<Integer> numbers = Arbitraries.integers().between(0, 13);
    Arbitrary<String> paths = Arbitraries.strings().withChars("aab").ofMaxLength(7);
    return Combinators.combine(kinds, tables, tables, numbers, paths).as(Command::new);
  }
}
