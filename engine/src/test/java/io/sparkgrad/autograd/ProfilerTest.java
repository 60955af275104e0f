package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.BackwardTest.leaf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Profiler.Event;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Case 69: what was called, how often, for how long, and which derivative is whose. */
class ProfilerTest {
  private static Profiler measured() {
    Profiler p = Profiler.start();
    try (p) {
      Tensor x = leaf(1, 2);
      x.mul(x).exp().sum().backward();
      try (var quiet = Grad.noGrad()) {
        x.sub_(x.grad());
      }
    }
    return p;
  }

  private static List<Event> named(Profiler p, String name) {
    return p.events().stream().filter(e -> e.name().equals(name)).toList();
  }

  @Test
  void case69_derivativesCarryTheSequenceOfTheirOperation() {
    Profiler p = measured();
    assertNull(Profiler.current());
    for (String op : List.of("Exp", "Sum")) {
      Event forward = named(p, op.toLowerCase(java.util.Locale.ROOT)).get(0);
      Event backward = named(p, op + "Backward0").get(0);
      assertTrue(forward.sequence() > 0);
      assertEquals(forward.sequence(), backward.sequence());
      assertTrue(backward.isBackward());
      assertTrue(backward.start() >= forward.start() + forward.nanos());
    }
    assertEquals(8, named(p, "exp").get(0).bytes());
    assertEquals(1, named(p, "sub_").size());
  }

  @Test
  void case69_theTableSumsUpCalls() {
    Profiler p = measured();
    int count = named(p, "mul").size();
    assertTrue(count > 1, "the product, and those of derivatives");
    assertTrue(p.table().lines().anyMatch(l -> l.matches("mul +" + count + " .*")), p.table());
    for (Event e : p.events()) assertTrue(e.selfNanos() <= e.nanos());
  }

  @Test
  void case69_theTraceIsJsonWithArrows() throws Exception {
    JsonNode events = new ObjectMapper().readTree(measured().chromeTrace()).get("traceEvents");
    int arrows = 0;
    for (JsonNode e : events) if (e.get("ph").asText().equals("f")) arrows++;
    assertEquals(3, arrows);
  }

  @Test
  void nothingIsMeasuredOutside() {
    Profiler p = measured();
    int count = p.events().size();
    leaf(1).mul(2);
    assertEquals(count, p.events().size());
  }
}
