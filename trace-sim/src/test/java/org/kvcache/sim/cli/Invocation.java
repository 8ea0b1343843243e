package org.kvcache.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;

/** One run of the command line in this process, and what came out. */
record Invocation(int code, String out, String err) {

  static Invocation of(String... args) {
    var out = new StringWriter();
    var err = new StringWriter();
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), args);
    return new Invocation(code, out.toString(), err.toString());
  }

  Invocation succeeds() {
    assertThat(err).isEmpty();
    assertThat(code).isZero();
    return this;
  }

  /** The one sentence on standard error. */
  String complaint() {
    assertThat(code).isEqualTo(2);
    assertThat(err.lines()).hasSize(1);
    assertThat(err).startsWith("kvcache: ").doesNotContain("Exception");
    return err.substring("kvcache: ".length()).strip();
  }
}
