package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Parameter;
import io.sparkgrad.RowSparse;
import io.sparkgrad.Tensor;
import io.sparkgrad.nn.BatchNorm1d;
import io.sparkgrad.nn.Dropout;
import io.sparkgrad.nn.Embedding;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import java.nio.ByteBuffer;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.SerializerInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import scala.reflect.ClassTag$;

/** Tensors and modules through Spark's Kryo, as a program sets it up. */
class KryoTest {
  enum Setup {
    NOTHING_NAMED,
    REGISTRATOR,
    REGISTRATION_REQUIRED;

    SerializerInstance serializer() {
      SparkConf conf = new SparkConf(false);
      if (this != NOTHING_NAMED)
        conf.set("spark.kryo.registrator", TensorRegistrator.class.getName());
      if (this == REGISTRATION_REQUIRED) {
        conf.set("spark.kryo.registrationRequired", "true");
        conf.set("spark.kryo.classesToRegister", Tied.class.getName());
      }
      return new KryoSerializer(conf).newInstance();
    }

    @SuppressWarnings("unchecked")
    <T> T copy(T t) {
      SerializerInstance serializer = serializer();
      Class<T> type = (Class<T>) t.getClass();
      ByteBuffer bytes = serializer.serialize(t, ClassTag$.MODULE$.apply(type));
      return serializer.deserialize(bytes, ClassTag$.MODULE$.apply(type));
    }
  }

  /** A module of the user's: one parameter in two places. */
  static final class Tied extends Module {
    private static final long serialVersionUID = 1;

    final Linear first = new Linear(3, 3);
    final Parameter again = first.weight;

    @Override
    public Tensor forward(Tensor x) {
      return first.forward(x).mm(again);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aGradientOfFewRowsKeepsItsRows(Setup setup) {
    RowSparse g = new RowSparse(Tensor.tensor(4L, 1L, 4L), Tensor.ones(3, 2), 5, 2);
    assertEquals(g.toString(), setup.copy(g).toString());
  }

  static Stream<Arguments> setupsAndTypes() {
    return Stream.of(Setup.values())
        .flatMap(setup -> Stream.of(DType.values()).map(type -> Arguments.of(setup, type)));
  }

  @ParameterizedTest
  @MethodSource("setupsAndTypes")
  void case75_aLeafKeepsValuesTypeAndShape(Setup setup, DType type) {
    Tensor t = Tensor.arange(6).to(type).view(2, 3);
    Tensor c = setup.copy(t);
    assertEquals(type, c.dtype());
    assertArrayEquals(new int[] {2, 3}, c.shape());
    assertArrayEquals(t.toDoubles(), c.toDoubles());
    assertFalse(c.requiresGrad());
  }

  @ParameterizedTest
  @EnumSource
  void case75_aLeafKeepsItsFlag(Setup setup) {
    Tensor x = Tensor.ones(2).requiresGrad_();
    x.mul(2).sum().backward();
    Tensor c = setup.copy(x);
    assertTrue(c.requiresGrad() && c.isLeaf());
    assertNull(c.grad());
    assertEquals("Parameter containing:\n" + x, setup.copy(new Parameter(x)).toString());
  }

  @ParameterizedTest
  @EnumSource
  void case75_aNonLeafRefusesAndNeverCarriesTheTape(Setup setup) {
    Tensor y = Tensor.ones(2).requiresGrad_().mul(2);
    Throwable e = assertThrows(RuntimeException.class, () -> setup.copy(y));
    while (e.getCause() != null) e = e.getCause();
    assertEquals(
        "Only Tensors created explicitly by the user (graph leaves) support serialization, this one was made by "
            + "MulBackward0; serialize its detach()",
        e.getMessage());
    assertArrayEquals(new double[] {2, 2}, setup.copy(y.detach()).toDoubles());
  }

  @ParameterizedTest
  @EnumSource
  void case75_aModuleKeepsItsParametersAndWhichOfThemAreTrained(Setup setup) {
    Sequential model = new Sequential(new Linear(3, 4), new ReLU(), new Linear(4, 2));
    model.parameters().get(0).requiresGrad_(false);
    Sequential c = setup.copy(model);
    assertEquals(model.namedParameters().keySet(), c.namedParameters().keySet());
    assertFalse(c.parameters().get(0).requiresGrad());
    assertTrue(c.parameters().get(1).requiresGrad());
    Tensor x = Tensor.rand(5, 3);
    assertArrayEquals(model.forward(x).toDoubles(), c.forward(x).toDoubles());
  }

  @ParameterizedTest
  @EnumSource
  void aModuleKeepsItsBuffersAndItsMode(Setup setup) {
    Sequential model = new Sequential(new BatchNorm1d(3), new Dropout(), new Embedding(4, 2));
    model.stateDict().get("0.running_mean").fill_(7);
    model.eval();
    Sequential c = setup.copy(model);
    assertEquals(model.stateDict().keySet(), c.stateDict().keySet());
    assertEquals(21, c.stateDict().get("0.running_mean").sum().item());
    assertFalse(c.isTraining());
  }

  @ParameterizedTest
  @EnumSource
  void case75_aParameterUsedTwiceStaysOne(Setup setup) {
    Tied c = setup.copy(new Tied());
    assertSame(c.first.weight, c.again);
    Parameter p = new Parameter(Tensor.ones(2));
    Parameter[] both = setup.copy(new Parameter[] {p, p});
    assertSame(both[0], both[1]);
  }
}
