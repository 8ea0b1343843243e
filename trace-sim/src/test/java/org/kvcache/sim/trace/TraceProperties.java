package org.kvcache.sim.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.kvcache.sim.trace.InMemoryTrace.Row;

class TraceProperties {
  @Provide
  Arbitrary<InMemoryTrace> chains() {
    return TraceArbitraries.chains(true);
  }

  @Property
  void blocksAreEqualExactlyWhenTheirPrefixesAre(@ForAll("chains") InMemoryTrace source) {
    Trace trace = source.load();
    Map<List<Long>, Integer> blockOfPrefix = new HashMap<>();
    int[] chain = new int[trace.maxChain()];
    for (int request = 0; request < trace.requests(); request++) {
      List<Long> ids = source.rows().get(request).ids();
      assertThat(trace.chain(request, chain)).isEqualTo(ids.size());
      for (int i = 0; i < ids.size(); i++) {
        int expected = blockOfPrefix.computeIfAbsent(ids.subList(0, i + 1), p -> -1);
        if (expected < 0) {
          expected = blockOfPrefix.size() - 1;
          blockOfPrefix.put(ids.subList(0, i + 1), expected);
        }
        assertThat(chain[i]).isEqualTo(expected);
        assertThat(trace.depth(chain[i])).isEqualTo(i);
        assertThat(trace.parent(chain[i])).isEqualTo(i == 0 ? -1 : chain[i - 1]);
      }
    }
    assertThat(trace.uniqueBlocks()).isEqualTo(blockOfPrefix.size());
  }

  @Property
  void columnsAndCountsAreThoseOfTheSource(@ForAll("chains") InMemoryTrace source) {
    Trace trace = source.load();
    long refs = 0;
    int longest = 0;
    var sessions = new HashSet<Integer>();
    for (int i = 0; i < trace.requests(); i++) {
      Row row = source.rows().get(i);
      assertThat(trace.timeMillis(i)).isEqualTo(row.timeMillis());
      assertThat(trace.inputTokens(i)).isEqualTo(row.input());
      assertThat(trace.outputTokens(i)).isEqualTo(row.output());
      assertThat(trace.session(i)).isEqualTo(row.session());
      assertThat(trace.turn(i)).isEqualTo(row.turn());
      assertThat(trace.chainLength(i)).isEqualTo(row.ids().size());
      refs += row.ids().size();
      longest = Math.max(longest, row.ids().size());
      sessions.add(row.session());
    }
    assertThat(trace.requests()).isEqualTo(source.rows().size());
    assertThat(trace.blockRefs()).isEqualTo(refs);
    assertThat(trace.maxChain()).isEqualTo(longest);
    assertThat(trace.sessions()).isEqualTo(sessions.size());
    assertThat(trace.infiniteHits()).isEqualTo(refs - trace.uniqueBlocks());
  }

  @Property
  void replayingALoadedTraceGivesTheSameTrace(@ForAll("chains") InMemoryTrace source) {
    Trace trace = source.load();
    Trace again = Trace.load(trace.reader(), TraceOptions.ALL);
    assertThat(again.digest()).isEqualTo(trace.digest());
    assertThat(again.name()).isEqualTo(trace.name());
    assertThat(again.uniqueBlocks()).isEqualTo(trace.uniqueBlocks());
  }

  @Property
  void theDigestChangesWithAnyColumn(@ForAll("chains") InMemoryTrace source) {
    Row last = source.rows().getLast();
    List<Row> others =
        List.of(
            new Row(last.timeMillis() + 1, last.input(), last.output(), 0, 0, last.ids()),
            new Row(last.timeMillis(), last.input() + 1, last.output(), 0, 0, last.ids()),
            new Row(last.timeMillis(), last.input(), last.output() + 1, 0, 0, last.ids()),
            new Row(last.timeMillis(), last.input(), last.output(), 0, 9, last.ids()));
    var digests = new HashSet<String>();
    digests.add(source.load().digest());
    for (Row other : others) {
      var rows = new ArrayList<>(source.rows());
      rows.set(rows.size() - 1, other);
      digests.add(new InMemoryTrace("other", source.blockTokens(), rows).load().digest());
    }
    assertThat(digests).hasSizeGreaterThanOrEqualTo(4);
  }

  @Property
  void dropsExactlyTheUnfilledLastBlocks(@ForAll("chains") InMemoryTrace source) {
    var cut = new ArrayList<Row>();
    for (Row row : source.rows()) {
      cut.add(
          new Row(
              row.timeMillis(),
              Math.max(0, row.input() - 3),
              row.output(),
              row.session(),
              row.turn(),
              row.ids()));
    }
    var shorter = new InMemoryTrace("cut", source.blockTokens(), cut);
    Trace trace = shorter.load(TraceOptions.ALL.withNoPartial(true));
    for (int i = 0; i < trace.requests(); i++) {
      Row row = cut.get(i);
      int filled = row.input() / source.blockTokens();
      assertThat(trace.chainLength(i)).isEqualTo(Math.min(row.ids().size(), filled));
    }
  }
}
