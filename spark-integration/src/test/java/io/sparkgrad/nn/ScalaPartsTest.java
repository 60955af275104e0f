package io.sparkgrad.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

/** Modules in Scala's collections; here, since the engine's tests have no Scala. */
class ScalaPartsTest {
  private static Module holder(Object value) {
    return new Module() {
      private static final long serialVersionUID = 1;

      @SuppressWarnings("serial") // never sent
      final Object held = value;

      @Override
      public Tensor forward(Tensor x) {
        return x;
      }
    };
  }

  private static scala.collection.immutable.List<Linear> list() {
    return CollectionConverters.asScala(List.of(new Linear(1, 1))).toList();
  }

  @Test
  void modulesInASeqAreNamedByPlace() {
    assertEquals(
        List.of("held.0.weight", "held.0.bias"),
        List.copyOf(holder(list()).namedParameters().keySet()));
    assertEquals(2, holder(list().toIndexedSeq()).parameters().size());
  }

  @Test
  void aModuleInAnotherScalaCollectionIsAnError() {
    for (Object hidden : List.of(scala.Option.apply(new Linear(1, 1)), list().toSet())) {
      Module holder = holder(hidden);
      String message =
          assertThrows(IllegalStateException.class, holder::namedParameters).getMessage();
      assertTrue(message.startsWith("field 'held' of "), message);
      assertTrue(message.contains("holds a Linear in a "), message);
    }
  }
}
