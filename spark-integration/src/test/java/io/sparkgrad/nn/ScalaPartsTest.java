package io.sparkgrad.nn;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Modules in Scala's collections; here, since the engine's tests have no Scala. */
class ScalaPartsTest {
  /** A module that a Scala collection or Option hides is an error. */
  @Test
  void aModuleInAScalaCollectionIsAnError() {
    Object some = scala.Option.apply(new Linear(1, 1));
    Object list =
        scala.jdk.javaapi.CollectionConverters.asScala(List.of(new Linear(1, 1))).toList();
    for (Object hidden : List.of(some, list)) {
      Module holder =
          new Module() {
            private static final long serialVersionUID = 1;

            @SuppressWarnings("serial") // never sent
            final Object held = hidden;

            @Override
            public Tensor forward(Tensor x) {
              return x;
            }
          };
      String message =
          assertThrows(IllegalStateException.class, holder::namedParameters).getMessage();
      assertTrue(message.startsWith("field 'held' of "), message);
      assertTrue(message.contains("holds a Linear in a "), message);
    }
  }
}
