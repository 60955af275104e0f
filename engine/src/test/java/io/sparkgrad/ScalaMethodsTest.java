package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.autograd.Autograd;
import io.sparkgrad.optim.SGD;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What reads like Scala: operators, and lists of any kind. */
class ScalaMethodsTest {
  private static final Map<String, String> BINARY =
      Map.ofEntries(
          Map.entry("$plus", "add"),
          Map.entry("$minus", "sub"),
          Map.entry("$times", "mul"),
          Map.entry("$div", "div"),
          Map.entry("$percent", "remainder"),
          Map.entry("$less", "lt"),
          Map.entry("$less$eq", "le"),
          Map.entry("$greater", "gt"),
          Map.entry("$greater$eq", "ge"),
          Map.entry("$amp", "bitwiseAnd"),
          Map.entry("$bar", "bitwiseOr"),
          Map.entry("$up", "bitwiseXor"),
          Map.entry("$plus$eq", "add_"),
          Map.entry("$minus$eq", "sub_"),
          Map.entry("$times$eq", "mul_"),
          Map.entry("$div$eq", "div_"));

  @Test
  void anOperatorIsTheMethodThatItStandsFor() throws Exception {
    Set<String> left = new HashSet<>(BINARY.keySet());
    for (Method operator : ScalaMethods.class.getDeclaredMethods()) {
      String method = BINARY.get(operator.getName());
      if (method == null) continue;
      left.remove(operator.getName());
      Class<?> type = operator.getParameterTypes()[0];
      boolean whole = method.startsWith("bitwise");
      Object other =
          type == long.class
              ? (Object) 3L
              : type == double.class ? (Object) 2.5 : numbers(whole, 3, 2);
      Object given = other instanceof Tensor t ? t.clone() : other;
      boolean widened = method.startsWith("div") && type == long.class; // a quotient is no integer
      Class<?> taken = widened ? double.class : type;
      assertEquals(
          Tensor.class
              .getMethod(method, taken)
              .invoke(numbers(whole, 5, 7), widened ? (Object) 3.0 : given)
              .toString(),
          operator.invoke(numbers(whole, 5, 7), other).toString(),
          operator.toString());
    }
    assertEquals(Set.of(), left);
    Tensor x = numbers(false, 5, 7);
    assertSame(x, x.$plus$eq(1));
  }

  private static Tensor numbers(boolean whole, double... values) {
    Tensor t = Tensor.tensor(values);
    return whole ? t.to(DType.INT64) : t;
  }

  @Test
  void signsAndIndices() {
    Tensor x = Tensor.arange(6).view(2, 3);
    assertEquals(x.neg().toString(), x.unary_$minus().toString());
    assertEquals(x.bitwiseNot().toString(), x.unary_$tilde().toString());
    assertEquals("tensor([3, 4, 5])", x.apply(1).toString());
    assertEquals("tensor(5)", x.apply(1, -1).toString());
    assertEquals("tensor([4, 5])", x.apply(x.gt(3)).toString());
    x.apply(0).fill_(9); // a view
    assertEquals(9, x.at(0, 2));
  }

  @Test
  void nestedNumbersBecomeATensor() {
    assertEquals("tensor([1, 2])", Tensor.tensor((Object) new int[] {1, 2}).toString());
    assertEquals("tensor([1.5000])", Tensor.tensor((Object) 1.5).toString());
    assertEquals("tensor([7])", Tensor.tensor(7).toString());
    assertEquals("tensor([ True, False])", Tensor.tensor(List.of(true, false)).toString());
    assertArrayEquals(
        new int[] {2, 1, 2},
        Tensor.tensor(List.of(new long[][] {{1, 2}}, new long[][] {{3, 4}})).shape());
    assertArrayEquals(new int[] {2, 0}, Tensor.tensor(List.of(List.of(), List.of())).shape());
    assertEquals(DType.FLOAT32, Tensor.tensor(List.of(1, 2.5)).dtype());
    assertEquals("tensor([2.5000])", Tensor.tensor(List.of(new BigDecimal("2.5"))).toString());
    assertEquals("tensor([7])", Tensor.tensor(List.of(BigInteger.valueOf(7))).toString());
    refused(
        "tensor: expected sequence of length 2 at dim 1 (got 1)",
        List.of(List.of(1, 2), List.of(1)));
    refused(
        "tensor: expected sequence of length 2 at dim 1 (got java.lang.Integer)",
        List.of(List.of(1, 2), 3));
    refused("tensor: expected numbers in arrays or lists, got java.lang.String", List.of("a"));
    refused("tensor: expected numbers in arrays or lists, got java.lang.String", "a");
    refused(
        "tensor: java.math.BigInteger 9223372036854775808 is no int64",
        List.of(BigInteger.ONE.shiftLeft(63)));
  }

  private static void refused(String text, Object numbers) {
    assertEquals(
        text,
        assertThrows(IllegalArgumentException.class, () -> Tensor.tensor(numbers)).getMessage());
  }

  @Test
  void anArrayWithoutAShapeIsAVector() {
    assertEquals(
        "tensor([1., 2., 3.], dtype=torch.float64)", Tensor.of(new double[] {1, 2, 3}).toString());
    assertEquals("tensor([1.])", Tensor.of(new float[] {1}).toString());
    assertEquals("tensor([1])", Tensor.of(new long[] {1}).toString());
    assertEquals("tensor([1], dtype=torch.int32)", Tensor.of(new int[] {1}).toString());
    assertEquals("tensor([True])", Tensor.of(new boolean[] {true}).toString());
  }

  @Test
  void aListOfTensorsMayBeOfAnyKind() {
    Tensor a = Tensor.tensor(1.0, 2.0).requiresGrad_();
    Tensor b = Tensor.tensor(3.0, 4.0).requiresGrad_();
    Tensor[] array = {a, b};
    assertEquals(Tensor.stack(List.of(a, b), 0).toString(), Tensor.stack(array, 0).toString());
    assertEquals(4, Tensor.cat((Object) Arrays.asList(a, b), 0).numel());
    assertEquals(
        "[tensor([3., 4.]), tensor([1., 2.])]", Autograd.grad(a.mul(b).sum(), array).toString());
    assertEquals(new SGD(0.1).over(List.of(a, b)).toString(), new SGD(0.1).over(array).toString());
    assertEquals(
        "stack: expected a list of tensors (a Java or Scala collection, or an array), got java.lang.Integer",
        assertThrows(IllegalArgumentException.class, () -> Tensor.stack(1, 0)).getMessage());
    assertEquals(
        "cat: expected Tensor as element 1, got null",
        assertThrows(
                IllegalArgumentException.class,
                () -> Tensor.cat((Object) Arrays.asList(a, null), 0))
            .getMessage());
  }
}
