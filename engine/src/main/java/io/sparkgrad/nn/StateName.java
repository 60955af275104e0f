package io.sparkgrad.nn;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The name of a parameter, buffer or child in the state dict, where it is not the field's: {@code
 * running_mean} of {@code runningMean}, so that PyTorch's files fit.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface StateName {
  String value();
}
