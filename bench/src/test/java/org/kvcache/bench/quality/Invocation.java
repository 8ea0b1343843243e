package org.kvcache.bench.quality;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.kvcache.sim.cli.Main;

record Invocation(int code, String out, String err) {

  static Invocation of(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    return new Invocation(code, out.toString(), err.toString());
  }

  static Invocation ofWords(String words) {
    return of(words.strip().split(" +"));
  }

  List<String> errLines() {
    return err.lines().toList();
  }
}
