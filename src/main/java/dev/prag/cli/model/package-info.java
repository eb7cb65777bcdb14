/**
 * {@code prag model}: what an engineer debugs a model or an adapter with. Plain programs on the engine, without the
 * service: a line of JSON in, a line of JSON out.
 */
package dev.prag.cli.model;
