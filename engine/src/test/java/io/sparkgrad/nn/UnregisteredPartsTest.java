package io.sparkgrad.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Buffer;
import io.sparkgrad.Parameter;
import io.sparkgrad.Tensor;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Parts that would not be trained, and nobody would notice. */
class UnregisteredPartsTest {
  private abstract static class Identity extends Module {
    private static final long serialVersionUID = 1;

    @Override
    public Tensor forward(Tensor x) {
      return x;
    }
  }

  @SuppressWarnings("serial") // never sent
  private static final class Holder extends Identity {
    private static final long serialVersionUID = 1;
    final Object held;

    Holder(Object held) {
      this.held = held;
    }
  }

  private record Pair(Linear first, String name) implements Serializable {}

  static final class Bag implements Serializable {
    private static final long serialVersionUID = 1;
    final Parameter weight = new Parameter(Tensor.ones(2));
  }

  static Stream<Arguments> hidden() {
    Linear part = new Linear(2, 2);
    return Stream.of(
        Arguments.of(new Object[][] {{1, part}}, "Linear in a Object[][]"),
        Arguments.of(new ArrayList<>(List.of(List.of(part))), "Linear in a ArrayList"),
        Arguments.of(new HashSet<>(Set.of(part)), "Linear in a HashSet"),
        Arguments.of(Map.of("a", List.of(part)), "Linear in a Map1"),
        Arguments.of(new Pair(part, "a"), "Linear in a Pair"),
        Arguments.of(new Bag(), "Parameter in a Bag"),
        Arguments.of(java.util.Optional.of(part), "Linear in a Optional"),
        Arguments.of(Set.of(new Parameter(Tensor.ones(1))), "Parameter in a Set12"),
        Arguments.of(Set.of(new Buffer(Tensor.ones(1))), "Buffer in a Set12"));
  }

  @ParameterizedTest
  @MethodSource("hidden")
  void areAnErrorThatNamesTheField(Object held, String text) {
    Module root = new Sequential(new Holder(held));
    String message = assertThrows(IllegalStateException.class, root::namedParameters).getMessage();
    assertTrue(message.startsWith("field 'held' of Holder holds a " + text + ", where"), message);
    assertEquals(
        message,
        assertThrows(IllegalStateException.class, () -> new FlatParameters(root)).getMessage());
  }

  /** A module or parameter itself is one whatever the field's type says. */
  @Test
  void countByTheirValueInAFieldOfAnyType() {
    assertEquals(
        Set.of("held.weight", "held.bias"),
        new Holder(new Linear(2, 2)).namedParameters().keySet());
    assertEquals(
        Set.of("held"), new Holder(new Parameter(Tensor.ones(2))).namedParameters().keySet());
    assertEquals(Set.of(), new Holder(Tensor.ones(2)).namedParameters().keySet());
    assertEquals(Set.of(), new Holder(List.of("a", 1, Tensor.ones(1))).namedParameters().keySet());
  }

  @SuppressWarnings("serial") // never sent
  private static final class Known extends Identity {
    private static final long serialVersionUID = 1;
    final Linear first = new Linear(2, 2);
    final Set<Linear> more = Set.of(new Linear(2, 2));
    final transient List<Linear> teachers = List.of(new Linear(2, 2));

    @Override
    protected Map<String, Module> children() {
      Map<String, Module> children = new LinkedHashMap<>(super.children());
      children.put("more", more.iterator().next());
      return children;
    }
  }

  @Test
  void areNoneWhereChildrenNamesThemOrTheFieldIsTransient() {
    assertEquals(
        Set.of("first.weight", "first.bias", "more.weight", "more.bias"),
        new Known().namedParameters().keySet());
  }
}
