/** The service over HTTP: thin resources that hand over to the floors below, and problems for everything that fails. */
package dev.prag.rest;
