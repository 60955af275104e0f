package io.sparkgrad.optim;

import java.io.Serializable;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Settings of the parameters of some names: {@code ParameterGroup.of("*.bias").weightDecay(0)}. A
 * parameter takes those of all groups that its name matches: rates multiply, of the others the last
 * stands.
 *
 * @param pattern of names, in which * stands for any characters
 * @param rateFactor what the scheduled rate is multiplied by
 * @param weightDecay instead of the rule's; null: the rule's
 * @param isFrozen whether the parameters stay as they are
 */
public record ParameterGroup(
    String pattern, double rateFactor, Double weightDecay, boolean isFrozen)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  public ParameterGroup {
    if (pattern == null || pattern.isEmpty())
      throw new IllegalArgumentException("a group needs a pattern of names: \"*.bias\"");
    boolean valid = rateFactor >= 0 && rateFactor < Double.POSITIVE_INFINITY;
    Optimizer.valid(valid, "rate factor of the group '" + pattern + "'", rateFactor);
  }

  /** The parameters whose name matches; so far with the rule's own settings. */
  public static ParameterGroup of(String pattern) {
    return new ParameterGroup(pattern, 1, null, false);
  }

  /** Multiplies the scheduled rate. */
  public ParameterGroup rateFactor(double rateFactor) {
    return new ParameterGroup(pattern, rateFactor, weightDecay, isFrozen);
  }

  public ParameterGroup weightDecay(double weightDecay) {
    return new ParameterGroup(pattern, rateFactor, weightDecay, isFrozen);
  }

  /** Leaves the parameters as they are, whatever their gradients. */
  public ParameterGroup frozen() {
    return new ParameterGroup(pattern, rateFactor, weightDecay, true);
  }

  boolean matches(String name) {
    String regex =
        Arrays.stream(pattern.split("\\*", -1))
            .map(Pattern::quote)
            .collect(Collectors.joining(".*"));
    return Pattern.matches(regex, name);
  }
}
