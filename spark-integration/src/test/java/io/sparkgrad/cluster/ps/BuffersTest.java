package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class BuffersTest {
  private final Buffers buffers = new Buffers();

  @Test
  void whatIsGivenBackIsTheNextOfItsLength() {
    float[] numbers = buffers.floats(5_000);
    ByteBuffer bytes = buffers.bytes(5_000);
    bytes.putInt(1);
    buffers.give(numbers);
    buffers.give(bytes);
    assertNotSame(numbers, buffers.floats(5_001));
    assertSame(numbers, buffers.floats(5_000));
    assertNotSame(numbers, buffers.floats(5_000));
    assertSame(bytes, buffers.bytes(5_000));
    assertEquals(5_000, bytes.remaining());
  }

  @Test
  void littleIsKept() {
    long kept = 0;
    int each = 1 << 18;
    for (int i = 0; i < 1_000; i++) buffers.give(new float[each]);
    for (float[] last = null; ; kept += 4L * each) {
      float[] a = buffers.floats(each);
      if (a[0] == 0) break; // a new one: what is given back is garbled
      assertNotSame(last, a);
      last = a;
    }
    assertTrue(kept <= Runtime.getRuntime().maxMemory() / 32, kept + " bytes");
  }

  @Test
  void aDecodedGradientIsTheArrayThatTheLastOneReleased() {
    Floats numbers = Floats.of(new float[3_000]);
    Gradient g = new Gradient(numbers, new BitSet(), List.of());
    Message m = new Message.Forward("r", 1, new Address("h", 1), 0, -1, g, LOSS, 0, List.of());
    Gradient first = decoded(m);
    first.release();
    assertSame(first.dense().array(), decoded(m).dense().array());
    assertEquals(m, Message.decode(Message.encode(m, buffers::bytes), buffers));
  }

  private static final Message.StepLoss LOSS = new Message.StepLoss(0, 1, 1);

  private Gradient decoded(Message m) {
    return ((Message.Forward) Message.decode(Message.encode(m), buffers)).mean();
  }
}
