package io.sparkgrad.fuzz;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A row of examples/docs/differences.md: where sparkgrad differs from PyTorch on purpose. Each
 * recognises its small programs, and no others: what disagrees, and where, is looked at. A section
 * of the page is an enum.
 */
interface KnownDifference {
  /** The sections of the page, and what each holds. */
  record Section(String title, List<? extends KnownDifference> rows) {}

  List<Section> SECTIONS =
      List.of(
          new Section("The tape", List.of(TapeDifference.values())),
          new Section("Gradients", List.of(GradientDifference.values())),
          new Section("Numbers and types", List.of(NumberDifference.values())),
          new Section("Shapes and checks", List.of(CheckDifference.values())),
          new Section("Memory", List.of(MemoryDifference.values())),
          new Section("Where PyTorch fails", List.of(TorchFailure.values())));

  String name();

  /** What the page calls it. */
  String row();

  /** Whether this is why a program that has been made small disagrees. */
  boolean covers(Finding f);

  static Stream<KnownDifference> all() {
    return SECTIONS.stream().flatMap(s -> s.rows().stream());
  }

  static Optional<KnownDifference> of(Finding f) {
    return all().filter(k -> k.covers(f)).findFirst();
  }
}
