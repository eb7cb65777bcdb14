package dev.prag.corpus;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Typed;
import jakarta.inject.Inject;
import javax.sql.DataSource;

/**
 * Plain SQL over connections of its own, for what must not wait for writers, listings and encoders that hold all others:
 * what an answer reads, and the signs of life of an encoder. Each statement is a transaction.
 */
@ApplicationScoped
@Typed(AnswerSql.class)
class AnswerSql extends Sql {
    @Inject
    @io.quarkus.agroal.DataSource("answers")
    DataSource own;

    @Override
    DataSource connections() {
        return own;
    }
}
