package io.sparkgrad.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.fuzz.Comparison.Disagreement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the fuzzer found stays mended where PyTorch is not installed. */
class CorpusTest {
  @Test
  void programsGiveWhatTheyGaveInPyTorch() {
    List<Corpus.Entry> entries = Corpus.read("programs");
    List<String> wrong = new ArrayList<>();
    for (Corpus.Entry e : entries) {
      if (!e.program().statements().stream().allMatch(CorpusTest::exists)) {
        wrong.add("no such method:\n" + e.program().json());
        continue;
      }
      var ours = SparkgradRun.observations(e.program());
      List<Disagreement> found = Comparison.of(e.program(), e.torch(), ours);
      if (!found.isEmpty()
          && KnownDifference.of(new Finding(e.program(), found.get(0), ours)).isEmpty())
        wrong.add(found.get(0) + "\n" + JavaText.of(e.program()));
    }
    assertEquals(List.of(), wrong, () -> wrong.size() + " programs:\n" + String.join("\n", wrong));
    assertTrue(entries.size() > 900, entries.size() + " programs");
  }

  @Test
  void everyDifferenceOnPurposeStandsOnThePage() {
    for (KnownDifference.Section s : KnownDifference.SECTIONS)
      for (KnownDifference d : s.rows())
        assertTrue(
            Catalog.section(s.title()).contains("\n| " + d.row()), s.title() + ": " + d.row());
  }

  private static boolean exists(Statement s) {
    return !(s instanceof Statement.Call c) || Catalog.has(c);
  }
}
