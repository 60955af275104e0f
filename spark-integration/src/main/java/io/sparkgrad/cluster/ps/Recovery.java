package io.sparkgrad.cluster.ps;

import java.io.Serializable;

/**
 * How a run went on after executors were lost, a task came or went, or its time was over.
 *
 * @param lost count of executors that were lost since it went on before; 0 if none was
 * @param step from which it went on
 * @param repeated count of finished steps that came again, at most two
 */
public record Recovery(int lost, long step, long repeated) implements Serializable {}
