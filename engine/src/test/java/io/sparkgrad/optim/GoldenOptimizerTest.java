package io.sparkgrad.optim;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sparkgrad.Goldens;
import io.sparkgrad.RowSparse;
import io.sparkgrad.Tensor;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every case of optim.json and schedulers.json whose rule is registered. */
class GoldenOptimizerTest {
  static final JsonNode OPTIM = Goldens.read("optim.json");

  /* Of the same gradients: settings that the first file leaves out, rules that PyTorch has not (optim-more.py). */
  private static final JsonNode MORE = Goldens.read("optim-more.json");

  /** A rule and PyTorch's trace of it. */
  record Case(Optimizer rule, JsonNode trace) {
    @Override
    public String toString() {
      return rule.toString();
    }
  }

  static List<Case> cases() throws ReflectiveOperationException {
    List<Case> cases = new ArrayList<>();
    for (JsonNode c : traces()) {
      Optional<Class<?>> rule = named(Optimizers.all(), c.get("optimizer").textValue());
      if (rule.isPresent()) cases.add(new Case(rule(rule.get(), c.get("args")), c.get("trace")));
    }
    return cases;
  }

  private static List<JsonNode> traces() {
    List<JsonNode> traces = new ArrayList<>();
    for (JsonNode file : List.of(OPTIM, MORE)) file.get("cases").forEach(traces::add);
    return traces;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void traceInDouble(Case c) {
    for (int p = 0; p < OPTIM.get("initial").size(); p++) {
      double[] w = Goldens.doubles(OPTIM.get("initial").get(p));
      double[][] slots = new double[c.rule.slots().size()][w.length];
      for (int t = 0; t < c.trace.size(); t++) {
        double[] g = Goldens.doubles(OPTIM.get("grads").get(t).get(p));
        double[] sums = new double[2];
        if (c.rule.isLayerwise()) c.rule.measure(w, 0, g, 0, slots, w.length, t + 1, sums);
        double rate = c.rule.rate(t) * c.rule.trustRatio(sums[0], sums[1]);
        c.rule.step(w, 0, g, 0, slots, w.length, t + 1, rate);
        double[] expected = Goldens.doubles(c.trace.get(t).get(p));
        Goldens.assertClose(expected, w, c + " parameter " + p + " step " + (t + 1));
      }
    }
  }

  /* Ten steps of float storage: 2^-24 relative a step and number, with room for Adam's division by small roots. */
  @ParameterizedTest
  @MethodSource("cases")
  void traceInFloat(Case c) {
    for (int p = 0; p < OPTIM.get("initial").size(); p++) {
      float[] w = Goldens.floats(OPTIM.get("initial").get(p));
      float[][] slots = new float[c.rule.slots().size()][w.length];
      for (int t = 0; t < c.trace.size(); t++) {
        float[] g = Goldens.floats(OPTIM.get("grads").get(t).get(p));
        double[] sums = new double[2];
        if (c.rule.isLayerwise()) c.rule.measure(w, 0, g, 0, slots, w.length, t + 1, sums);
        double rate = c.rule.rate(t) * c.rule.trustRatio(sums[0], sums[1]);
        c.rule.step(w, 0, g, 0, slots, w.length, t + 1, rate);
        double[] actual = new double[w.length];
        for (int i = 0; i < w.length; i++) actual[i] = w[i];
        double[] expected = Goldens.doubles(c.trace.get(t).get(p));
        Goldens.assertClose(expected, actual, 2e-6, c + " parameter " + p + " step " + (t + 1));
      }
    }
  }

  static List<Case> sparseCases() throws ReflectiveOperationException {
    List<Case> cases = new ArrayList<>();
    for (JsonNode c : MORE.get("rows").get("cases")) {
      Class<?> rule = named(Optimizers.all(), c.get("optimizer").textValue()).orElseThrow();
      cases.add(new Case(rule(rule, c.get("args")), c.get("trace")));
    }
    return cases;
  }

  /** Gradients of few rows, some of them named twice: the others stay, and their slots. */
  @ParameterizedTest
  @MethodSource("sparseCases")
  void tracesOfRows(Case c) {
    JsonNode rows = MORE.get("rows");
    Tensor w = Tensor.of(Goldens.doubles(rows.get("initial")), 5, 2).requiresGrad_();
    LocalOptimizer optimizer = c.rule.over(List.of(w));
    for (int t = 0; t < c.trace.size(); t++) {
      Tensor ids = Tensor.tensor(Goldens.longs(rows.get("ids").get(t)));
      Tensor values = Tensor.of(Goldens.doubles(rows.get("values").get(t)), 3, 2);
      w.setGrad(new RowSparse(ids, values, 5, 2));
      optimizer.step();
      double[] expected = Goldens.doubles(c.trace.get(t));
      Goldens.assertClose(expected, w.toDoubles(), c + " step " + (t + 1));
    }
  }

  static Stream<JsonNode> schedules() {
    return scheduleCases().stream().filter(c -> !scheduler(c).equals("ReduceLROnPlateau"));
  }

  private static String scheduler(JsonNode c) {
    return c.get("scheduler").textValue();
  }

  private static List<JsonNode> scheduleCases() {
    List<JsonNode> cases = new ArrayList<>();
    for (String file : List.of("schedulers.json", "schedulers-more.json"))
      Goldens.read(file).get("cases").forEach(cases::add);
    return cases;
  }

  /** All cases start from a rate of 1. */
  @ParameterizedTest
  @MethodSource("schedules")
  void scheduledRates(JsonNode c) throws ReflectiveOperationException {
    Schedule schedule = schedule(c);
    double[] expected = Goldens.doubles(c.get("lr"));
    double[] actual = new double[expected.length];
    for (int t = 0; t < actual.length; t++) actual[t] = schedule.at(1, t);
    Goldens.assertClose(expected, actual, schedule.toString());
  }

  static Stream<JsonNode> plateaus() {
    return scheduleCases().stream().filter(c -> scheduler(c).equals("ReduceLROnPlateau"));
  }

  @ParameterizedTest
  @MethodSource("plateaus")
  void ratesOnPlateaus(JsonNode c) throws ReflectiveOperationException {
    LocalOptimizer optimizer = new SGD(1).over(List.of(Tensor.zeros(1).requiresGrad_()));
    ReduceLROnPlateau plateau = new ReduceLROnPlateau(optimizer);
    for (Map.Entry<String, JsonNode> arg : c.get("args").properties()) {
      Method setting =
          Arrays.stream(ReduceLROnPlateau.class.getMethods())
              .filter(m -> m.getName().equals(arg.getKey()))
              .findAny()
              .orElseThrow();
      setting.invoke(plateau, value(arg.getValue(), setting.getParameterTypes()[0]));
    }
    double[] expected = Goldens.doubles(c.get("lr"));
    double[] metrics = Goldens.doubles(c.get("metrics"));
    double[] actual = new double[expected.length];
    for (int t = 0; t < actual.length; t++) {
      actual[t] = optimizer.lr();
      plateau.step(metrics[t]);
    }
    Goldens.assertClose(expected, actual, c.get("args").toString());
  }

  @Test
  void everyRegisteredNameHasACase_andTheRestIsListed() {
    covered(Optimizers.all(), traces(), "optimizer");
    covered(Schedules.all(), scheduleCases(), "scheduler");
  }

  private static void covered(List<?> all, Iterable<JsonNode> cases, String key) {
    List<String> names = new ArrayList<>();
    for (JsonNode c : cases) names.add(c.get(key).textValue());
    for (Object rule : all) {
      assertTrue(names.contains(rule.getClass().getSimpleName()), "no golden for " + rule);
    }
    names.removeIf(name -> named(all, name).isPresent());
    System.out.println(key + "s with goldens that are not there yet: " + names);
  }

  static Optional<Class<?>> named(List<?> all, String name) {
    return all.stream()
        .<Class<?>>map(Object::getClass)
        .filter(c -> c.getSimpleName().equals(name))
        .findAny();
  }

  /** new Rule(lr).weightDecay(0.1).amsgrad() ... from PyTorch's arguments. */
  static Optimizer rule(Class<?> type, JsonNode args) throws ReflectiveOperationException {
    Object rule = type.getConstructor(double.class).newInstance(args.get("lr").doubleValue());
    for (Map.Entry<String, JsonNode> arg : args.properties()) {
      JsonNode value = arg.getValue();
      if (arg.getKey().equals("lr") || value.isBoolean() && !value.booleanValue()) continue;
      Double[] values =
          value.isBoolean()
              ? new Double[0]
              : Arrays.stream(Goldens.doubles(value.isArray() ? value : list(value)))
                  .boxed()
                  .toArray(Double[]::new);
      Class<?>[] types = new Class<?>[values.length];
      Arrays.fill(types, double.class);
      Method with = type.getMethod(camelCase(arg.getKey()), types);
      rule = with.invoke(rule, (Object[]) values);
    }
    return (Optimizer) rule;
  }

  private static JsonNode list(JsonNode value) {
    return JsonNodeFactory.instance.arrayNode().add(value);
  }

  private static String camelCase(String name) {
    return Pattern.compile("_(.)")
        .matcher(name)
        .replaceAll(m -> m.group(1).toUpperCase(Locale.ROOT));
  }

  /* By the constructor that has the arguments, or the canonical one; LambdaLR is a lambda here. */
  private static Schedule schedule(JsonNode c) throws ReflectiveOperationException {
    if (scheduler(c).equals("LambdaLR")) return (lr, done) -> lr / (1 + done);
    Class<?> type = named(Schedules.all(), scheduler(c)).orElseThrow();
    JsonNode args = c.get("args");
    for (Constructor<?> constructor : type.getConstructors()) {
      Parameter[] parts = constructor.getParameters();
      if (parts.length != args.size()) continue;
      Object[] values = new Object[parts.length];
      for (int i = 0; i < parts.length; i++)
        values[i] = value(args.get(parts[i].getName()), parts[i].getType());
      return (Schedule) constructor.newInstance(values);
    }
    throw new AssertionError("no constructor of " + type + " for " + args);
  }

  private static Object value(JsonNode value, Class<?> type) throws ReflectiveOperationException {
    if (type == List.class) {
      List<Object> list = new ArrayList<>();
      for (JsonNode v : value) list.add(v.isObject() ? schedule(v) : (Object) v.longValue());
      return list;
    }
    if (type == long.class) return value.longValue();
    if (type == int.class) return value.intValue();
    if (type == boolean.class) return value.booleanValue();
    return type == String.class ? value.textValue() : (Object) value.doubleValue();
  }
}
