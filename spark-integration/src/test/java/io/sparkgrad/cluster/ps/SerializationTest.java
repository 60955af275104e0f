package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import org.junit.jupiter.api.Test;

/** Objects that Spark serializes: the closure to the tasks, the result back. */
class SerializationTest {
  @Test
  void aRunSpecTravelsToTheTasks() throws Exception {
    RunSpec spec =
        RunSpec.of("r", 5, 4, 10, 2, new Momentum(), TransportSpec.spark().duplicating(), 3)
            .at(new Address("h", 7));
    RunSpec copy = travel(spec);
    assertEquals(new Address("h", 7), copy.coordinator());
    assertEquals(spec.transport(), copy.transport());
    assertEquals(0.1, copy.optimizer().lr());
  }

  @Test
  void theBytesTravelToTheDriver() throws Exception {
    WireBytes bytes = new WireBytes(1, 2, 3, 4, 5);
    assertEquals(bytes, travel(bytes));
  }

  @SuppressWarnings("unchecked")
  private static <T> T travel(T object) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(object);
    }
    try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (T) in.readObject();
    }
  }
}
