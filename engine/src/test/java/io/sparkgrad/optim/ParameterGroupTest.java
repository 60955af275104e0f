package io.sparkgrad.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Parameters with settings of their own. */
class ParameterGroupTest {
  private static final List<String> NAMES = List.of("a.weight", "a.bias", "b.weight", "b.bias");

  private static final ParameterGroup[] GROUPS = {
    ParameterGroup.of("*.bias").weightDecay(0),
    ParameterGroup.of("b.*").rateFactor(0.5),
    ParameterGroup.of("a.w*").frozen()
  };

  static List<StandardOptimizer<?>> rules() {
    return Optimizers.all().stream()
        .<StandardOptimizer<?>>map(r -> (StandardOptimizer<?>) r)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("rules")
  void eachParameterStepsByTheSettingsOfItsGroups(StandardOptimizer<?> given) {
    Schedule schedule = new CosineAnnealingLR(4, 0.01);
    StandardOptimizer<?> rule = given.weightDecay(0.25).schedule(schedule);
    StandardOptimizer<?> slow = rule.schedule((lr, done) -> 0.5 * schedule.at(lr, done));
    Map<String, Tensor> grouped = parameters();
    Map<String, Tensor> alone = parameters();
    LocalOptimizer all = ((StandardOptimizer<?>) rule.groups(GROUPS)).over(grouped);
    List<LocalOptimizer> each =
        List.of(
            ((StandardOptimizer<?>) rule.weightDecay(0)).over(List.of(alone.get("a.bias"))),
            slow.over(List.of(alone.get("b.weight"))),
            ((StandardOptimizer<?>) slow.weightDecay(0)).over(List.of(alone.get("b.bias"))));
    for (int t = 1; t <= 4; t++) {
      gradients(grouped, t);
      gradients(alone, t);
      all.step();
      each.forEach(LocalOptimizer::step);
    }
    for (String name : NAMES)
      assertArrayEquals(alone.get(name).toDoubles(), grouped.get(name).toDoubles(), name);
  }

  private static Map<String, Tensor> parameters() {
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    for (String name : NAMES)
      parameters.put(name, numbers(name.hashCode()).to(DType.FLOAT32).detach().requiresGrad_());
    return parameters;
  }

  private static void gradients(Map<String, Tensor> parameters, int step) {
    parameters.forEach((name, p) -> p.setGrad(numbers(name.hashCode() + step).to(DType.FLOAT32)));
  }

  private static Tensor numbers(long seed) {
    return Tensor.of(new Random(seed).doubles(6, -2, 2).toArray(), 2, 3);
  }

  @Test
  void aGroupWithoutAParameterIsAMistake() {
    Optimizer rule = new SGD(0.1).groups(ParameterGroup.of("*.bias"), ParameterGroup.of("c.*"));
    Exception e = assertThrows(IllegalArgumentException.class, () -> rule.over(parameters()));
    assertEquals(
        "no parameter is named 'c.*'; there are a.weight, a.bias, b.weight, b.bias",
        e.getMessage());
    List<Tensor> unnamed = List.copyOf(parameters().values());
    Exception names = assertThrows(IllegalArgumentException.class, () -> rule.over(unnamed));
    assertEquals(
        "groups need the parameters' names: over(model.namedParameters())", names.getMessage());
  }

  @Test
  void groupsThatFreezeEveryParameterAreAMistake() {
    Optimizer rule =
        new SGD(0.1).groups(ParameterGroup.of("a.*").frozen(), ParameterGroup.of("*").frozen());
    Exception e = assertThrows(IllegalArgumentException.class, () -> rule.over(parameters()));
    assertEquals(
        "the groups freeze every parameter, so that nothing would be trained: a.weight, a.bias,"
            + " b.weight, b.bias",
        e.getMessage());
  }

  @Test
  void aGroupThatIsNullIsNamedByItsPlace() {
    var e =
        assertThrows(
            NullPointerException.class, () -> new SGD(0.1).groups(ParameterGroup.of("*"), null));
    assertEquals("groups[1]", e.getMessage());
  }

  @Test
  void settingsThatCannotBeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> ParameterGroup.of(""));
    Exception rate =
        assertThrows(IllegalArgumentException.class, () -> ParameterGroup.of("a").rateFactor(-1));
    assertEquals("Invalid rate factor of the group 'a': -1", rate.getMessage());
    Optimizer rule = new SGD(0.1).groups(ParameterGroup.of("*").weightDecay(-1));
    Exception decay = assertThrows(IllegalArgumentException.class, () -> rule.over(parameters()));
    assertEquals("Invalid weight_decay value: -1", decay.getMessage());
  }

  @Test
  void aPatternIsOfCharactersAndStars() {
    assertEquals(
        List.of(true, false, true, false, true),
        List.of(
            ParameterGroup.of("a.*").matches("a.b.bias"),
            ParameterGroup.of("a.*").matches("ab"),
            ParameterGroup.of("*b*s").matches("a.b.bias"),
            ParameterGroup.of("bias").matches("a.bias"),
            ParameterGroup.of("[0].*").matches("[0].weight")));
  }

  @Test
  void groupsArePartOfTheRule() {
    Optimizer plain = new SGD(0.1);
    Optimizer rule = new SGD(0.1).groups(GROUPS);
    assertNotEquals(plain, rule);
    assertEquals(rule, new SGD(0.1).groups(GROUPS));
    assertSame(plain, plain.ruleFor("a.bias"));
    assertNotEquals(rule.ruleFor("b.bias"), rule.ruleFor("a.bias"));
    List<Optimizer> rules = rule.rulesFor(List.of("a.bias", "a.weight", "b.bias", "c.bias"));
    assertSame(rules.get(0), rules.get(3));
    assertEquals(
        "SGD(lr=0.1, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False,"
            + " rate_factor=0.5)",
        rules.get(2).toString());
  }
}
