package dev.prag.parameterization;

import java.time.Duration;

/**
 * What a run of an encoder did.
 *
 * @param trained passages whose adapter it trained
 * @param reused passages whose adapter was in the store already
 * @param failures failed attempts
 * @param givenUp passages that failed and aren't tried again
 * @param incomplete passages encoded from less than their recipe asks for
 * @param withheld passages whose adapter it trained and didn't publish
 * @param tokens tokens trained on, every epoch counted
 */
public record EncodingSummary(
        long trained,
        long reused,
        long failures,
        long givenUp,
        long incomplete,
        long withheld,
        long tokens,
        Duration took) {}
