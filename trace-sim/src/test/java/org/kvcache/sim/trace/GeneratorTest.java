package org.kvcache.sim.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GeneratorTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "docqa:requests=500",
        "docqa:requests=500,mode=random",
        "docqa:requests=500,mode=tile",
        "docqa:requests=500,mode=interleave",
        "docqa:requests=500,mode=hot,partial=true,question-blocks=3",
        "docqa:requests=500,mode=shift,shift=100,system=0,block=64",
        "chat:sessions=300",
        "chat:sessions=300,partial=false,block=16,user=200",
        "agentic:sessions=12,active=4,subagents=0.2",
        "agentic:sessions=5,context=30000",
        "batch:items=300",
        "batch:items=300,order=grouped",
        "batch:items=300,order=interleaved",
        "mixed:scale=0.02"
      })
  void tracesAreSoundAndDependOnNothingButTheSeed(String specification) {
    Trace trace = load(specification, 5);
    assertThat(trace.digest()).isEqualTo(load(specification, 5).digest());
    assertThat(trace.digest()).isNotEqualTo(load(specification, 6).digest());
    assertThat(trace.name()).isEqualTo(specification);
    assertIdsAreChainIds(specification);
    for (int i = 0; i < trace.requests(); i++) {
      long room = ((long) trace.inputTokens(i) + trace.blockTokens() - 1) / trace.blockTokens();
      assertThat((long) trace.chainLength(i)).isBetween(1L, room);
      assertThat(trace.outputTokens(i)).isPositive();
    }
    assertSessionsAreDenseAndTheirTurnsInOrder(trace);
  }

  @ParameterizedTest
  @CsvSource({
    "docqa, 33303fd6ce89ade2",
    "chat, bc91e0123ef0a538",
    "agentic, b68a679e26ff1c8b",
    "batch, 6a10999b3a5c1e81",
    "mixed, d4877cbce0488fc3"
  })
  void aSeedGivesTheSameTraceOnEveryMachine(String generator, String digest) {
    assertThat(load(generator, 0).digest()).isEqualTo(digest);
  }

  @Test
  void documentQuestionsResembleTheReference() {
    Trace trace = load("docqa", 0);
    assertThat(trace.requests()).isEqualTo(8000);
    assertThat(trace.blockRefs()).isCloseTo(336_609, within(12_000L));
    assertThat(trace.uniqueBlocks()).isCloseTo(27_502, within(1_200));
    assertThat((double) trace.infiniteHits() / trace.blockRefs()).isCloseTo(0.918, within(0.01));
  }

  @Test
  void hotDocumentsAreHalfOfTheRequests() {
    Trace trace = load("docqa:mode=hot", 0);
    assertThat((double) trace.infiniteHits() / trace.blockRefs()).isCloseTo(0.4964, within(0.02));
  }

  @Test
  void tilesComeAroundInOrder() {
    Trace trace = load("docqa:mode=tile,documents=7,requests=70", 0);
    int[] chain = new int[trace.maxChain()];
    var first = new int[70];
    for (int i = 0; i < 70; i++) {
      trace.chain(i, chain);
      first[i] = chain[1];
      assertThat(first[i]).isEqualTo(first[i % 7]);
    }
    assertThat(Arrays.stream(first).distinct()).hasSize(7);
  }

  @Test
  void popularityMovesOn() {
    Trace trace = load("docqa:mode=shift,documents=100,alpha=2,shift=500,requests=1000", 0);
    assertThat(favourite(trace, 0, 500)).isNotEqualTo(favourite(trace, 500, 1000));
  }

  @Test
  void mostChatsAreShort() {
    Trace trace = load("chat", 0);
    int[] turns = new int[trace.sessions()];
    for (int i = 0; i < trace.requests(); i++) {
      turns[trace.session(i)]++;
    }
    assertThat(Arrays.stream(turns).average().orElseThrow()).isCloseTo(2.5, within(0.15));
    assertThat(Arrays.stream(turns).filter(t -> t == 1).count())
        .isCloseTo((long) (0.4 * turns.length), within((long) (0.03 * turns.length)));
  }

  @Test
  void agentsRunManyTurnsSideBySide() {
    Trace trace = load("agentic:sessions=30,active=10,subagents=0", 0);
    int[] turns = new int[trace.sessions()];
    for (int i = 0; i < trace.requests(); i++) {
      turns[trace.session(i)]++;
    }
    assertThat(turns).hasSize(30);
    assertThat(Arrays.stream(turns).min().orElseThrow()).isGreaterThanOrEqualTo(20);
    assertThat(Arrays.stream(turns).max().orElseThrow()).isLessThanOrEqualTo(100);
    assertThat((double) trace.infiniteHits() / trace.blockRefs()).isGreaterThan(0.9);
  }

  @Test
  void theMixedDefaultIsOfAMillionReferences() {
    Trace trace = load("mixed", 0);
    assertThat(trace.requests()).isBetween(18_000, 24_000);
    assertThat(trace.blockRefs()).isBetween(800_000L, 1_300_000L);
    assertThat(trace.hasSessions()).isTrue();
  }

  @Test
  void everyGeneratorIsListedWithItsParameters() {
    assertThat(TraceSource.generators())
        .extracting(TraceSource.GeneratorInfo::name)
        .containsExactly("docqa", "chat", "agentic", "batch", "mixed");
    assertThat(TraceSource.generators())
        .allSatisfy(info -> assertThat(info.summary()).contains("block=512"));
  }

  private static Trace load(String specification, long seed) {
    try (var reader = TraceSource.open(specification, seed)) {
      return Trace.load(reader, TraceOptions.ALL);
    }
  }

  private static void assertIdsAreChainIds(String specification) {
    Map<Long, Long> parents = new HashMap<>();
    var request = new Request();
    try (var reader = TraceSource.open(specification, 5)) {
      while (reader.next(request)) {
        for (int i = 0; i < request.count(); i++) {
          long parent = (i == 0) ? -1 : request.ids()[i - 1];
          assertThat(parents.computeIfAbsent(request.ids()[i], id -> parent)).isEqualTo(parent);
        }
      }
    }
  }

  private static void assertSessionsAreDenseAndTheirTurnsInOrder(Trace trace) {
    int[] turns = new int[trace.sessions()];
    var seen = new HashSet<Integer>();
    for (int i = 0; i < trace.requests(); i++) {
      int session = trace.session(i);
      if (session >= 0) {
        assertThat(seen.contains(session) || session == seen.size()).isTrue();
        seen.add(session);
        assertThat(trace.turn(i)).isEqualTo(turns[session]++);
      }
    }
  }

  private static int favourite(Trace trace, int from, int to) {
    Map<Integer, Integer> counts = new HashMap<>();
    int[] chain = new int[trace.maxChain()];
    for (int i = from; i < to; i++) {
      trace.chain(i, chain);
      counts.merge(chain[1], 1, Integer::sum);
    }
    return counts.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
  }
}
