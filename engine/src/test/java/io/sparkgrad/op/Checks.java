package io.sparkgrad.op;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.support.AnnotationConsumer;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** A test of one check, run for each registered op that does not say why it needs none. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "{0}")
@ArgumentsSource(Checks.Registry.class)
@interface Checks {
  Check value();

  /** The ops that a check applies to. */
  final class Registry implements ArgumentsProvider, AnnotationConsumer<Checks> {
    private Check check;

    @Override
    public void accept(Checks annotation) {
      check = annotation.value();
    }

    @Override
    public Stream<Arguments> provideArguments(
        ParameterDeclarations parameters, ExtensionContext context) {
      return Ops.ALL.stream()
          .filter(op -> op.exempt(check) == null)
          .map(op -> Arguments.of(Named.of(op.getClass().getSimpleName(), op)));
    }
  }
}
