package io.sparkgrad.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Settings from which no rate follows are refused, of every schedule and every component. */
class ScheduleSettingsTest {
  static Stream<Arguments> wrong() {
    return Schedules.all().stream()
        .flatMap(
            s ->
                Arrays.stream(s.getClass().getRecordComponents())
                    .flatMap(c -> wrong(c.getType()).map(v -> Arguments.of(s, c.getName(), v))));
  }

  private static Stream<?> wrong(Class<?> type) {
    if (type == double.class)
      return Stream.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -1.0);
    if (type == long.class) return Stream.of(-1L, Long.MIN_VALUE);
    if (type == String.class) return Stream.of("", "Cos");
    if (type == List.class) return Stream.of(Arrays.asList(1L, null), List.of(-1L));
    return Stream.empty(); // either value of a boolean is right
  }

  @ParameterizedTest(name = "{0}: {1} = {2}")
  @MethodSource("wrong")
  void aSettingThatCannotBeIsRefused(Schedule of, String name, Object value) throws Exception {
    RecordComponent[] components = of.getClass().getRecordComponents();
    Object[] settings = new Object[components.length];
    for (int i = 0; i < settings.length; i++)
      settings[i] =
          components[i].getName().equals(name) ? value : components[i].getAccessor().invoke(of);
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Constructor<?> make = of.getClass().getDeclaredConstructor(types);
    var e = assertThrows(InvocationTargetException.class, () -> make.newInstance(settings));
    assertRefused(e.getCause());
  }

  private static void assertRefused(Throwable e) {
    assertTrue(
        e instanceof IllegalArgumentException || e instanceof NullPointerException,
        () -> "not refused, but " + e);
    assertTrue(e.getMessage() != null && e.getMessage().length() > 5, e::toString);
  }

  static Stream<Arguments> plateau() {
    return Arrays.stream(ReduceLROnPlateau.class.getMethods())
        .filter(m -> m.getReturnType() == ReduceLROnPlateau.class)
        .flatMap(m -> wrongSetting(m.getParameterTypes()[0]).map(v -> Arguments.of(m, v)));
  }

  private static Stream<?> wrongSetting(Class<?> type) {
    return type == int.class ? Stream.of(-1) : wrong(type);
  }

  @ParameterizedTest
  @MethodSource("plateau")
  void ofAPlateauToo(Method setting, Object value) {
    ReduceLROnPlateau plateau =
        new ReduceLROnPlateau(
            new SGD(0.1).over(List.of(Tensor.of(new float[] {1}).requiresGrad_())));
    var e = assertThrows(InvocationTargetException.class, () -> setting.invoke(plateau, value));
    assertInstanceOf(IllegalArgumentException.class, e.getCause());
  }

  @Test
  void theTextNamesTheSettingAndTheValue() {
    var e = assertThrows(IllegalArgumentException.class, () -> new StepLR(10, Double.NaN));
    assertEquals("gamma must be a number that is not negative, got NaN", e.getMessage());
    var nothing =
        assertThrows(NullPointerException.class, () -> new MultiStepLR(Arrays.asList(3L, null)));
    assertEquals("milestones[1]", nothing.getMessage());
  }
}
