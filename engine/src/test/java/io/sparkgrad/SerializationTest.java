package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Case 75: tensors and modules through Java serialization, as Spark's closures take them. */
class SerializationTest {
  @SuppressWarnings("unchecked")
  private static <T> T copy(T object) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(object);
    }
    try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (T) in.readObject();
    }
  }

  @ParameterizedTest
  @EnumSource
  void case75_aLeafKeepsValuesTypeAndShape(DType type) throws Exception {
    Tensor t = Tensor.arange(6).to(type).view(2, 3);
    Tensor c = copy(t);
    assertNotSame(t, c);
    assertEquals(type, c.dtype());
    assertArrayEquals(new int[] {2, 3}, c.shape());
    assertArrayEquals(t.toDoubles(), c.toDoubles());
    assertFalse(c.requiresGrad());
  }

  @Test
  void case75_aLeafKeepsItsFlag() throws Exception {
    Tensor x = Tensor.ones(2).requiresGrad_();
    x.mul(2).sum().backward();
    Tensor c = copy(x);
    assertTrue(c.requiresGrad());
    assertTrue(c.isLeaf());
    assertNull(c.grad());
    assertEquals(0, copy(Tensor.scalar(3)).dim());
  }

  @Test
  void case75_aViewIsWrittenAloneAndInItsOwnOrder() throws Exception {
    Tensor big = Tensor.arange(1000).view(10, 100);
    Tensor c = copy(big.t().narrow(0, 3, 2));
    assertArrayEquals(new int[] {2, 10}, c.shape());
    assertTrue(c.isContiguous());
    assertEquals(104, c.at(1, 1));
  }

  @Test
  void case75_aNonLeafRefuses() {
    Tensor y = Tensor.ones(2).requiresGrad_().mul(2);
    String text = assertThrows(NotSerializableException.class, () -> copy(y)).getMessage();
    assertEquals(
        "Only Tensors created explicitly by the user (graph leaves) support serialization, this one was made by "
            + "MulBackward0; serialize its detach()",
        text);
  }

  @Test
  void case75_aModuleKeepsItsParametersAndWhichOfThemAreTrained() throws Exception {
    Sequential model = new Sequential(new Linear(3, 4), new ReLU(), new Linear(4, 2));
    model.parameters().get(0).requiresGrad_(false);
    Sequential c = copy(model);
    assertEquals(model.toString(), c.toString());
    assertEquals(model.namedParameters().keySet(), c.namedParameters().keySet());
    assertFalse(c.parameters().get(0).requiresGrad());
    assertTrue(c.parameters().get(1).requiresGrad());
    Tensor x = Tensor.rand(5, 3);
    assertArrayEquals(model.forward(x).toDoubles(), c.forward(x).toDoubles());
  }

  @Test
  void case75_aParameterUsedTwiceStaysOne() throws Exception {
    Parameter p = new Parameter(Tensor.ones(2));
    Parameter[] c = copy(new Parameter[] {p, p});
    assertSame(c[0], c[1]);
  }
}
