package io.sparkgrad.cluster.ps;

import java.util.function.BooleanSupplier;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;

/**
 * Identifies a Spark task.
 *
 * @param taskId unique for each attempt
 * @param executorId its executor, whose tasks share weights and shard
 * @param host where other executors reach this one
 * @param interrupted whether Spark killed the task; polled every 100 ms while it waits
 */
public record TaskInfo(long taskId, String executorId, String host, BooleanSupplier interrupted) {
  public static TaskInfo of(TaskContext task) {
    SparkEnv env = SparkEnv.get();
    String host = env.blockManager().blockManagerId().host();
    return new TaskInfo(task.taskAttemptId(), env.executorId(), host, task::isInterrupted);
  }
}
