/**
 * Scopes: modes and settings that hold on one thread until they are closed.
 *
 * <dl>
 *   <dt>kind
 *   <dd>scopes of one purpose, which nest: grad modes, profilers
 *   <dt>open
 *   <dd>begun and not yet closed; the innermost one holds
 *   <dt>taken along
 *   <dd>what holds on a thread that works while another waits for it
 * </dl>
 */
package io.sparkgrad.scope;
