package io.mysqlmonitor.transform;

import io.mysqlmonitor.change.Change;
import io.mysqlmonitor.change.ChangeType;
import io.mysqlmonitor.change.RowChange;
import io.mysqlmonitor.change.Undecided;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Predicate;
import org.apache.camel.Processor;
import org.springframework.core.NestedExceptionUtils;

/**
 * The filter step: ends the way of a {@link RowChange} that is not to be published.
 *
 * <p>The predicate is about a row, and asked of the row before and of the row after a change, as the row filters of PostgreSQL's
 * publications are: an update into what it lets pass is published as an insert, an update out of it as a delete. So a consumer
 * has the rows for which it is true, and no others. A change on which it fails becomes {@link Undecided}.
 *
 * <p>An update of which nothing is seen, because the columns that it changed are left out or masked, is not published.
 */
public final class ChangeFilterProcessor implements Processor {

    private final Predicate rows;
    private final Set<ChangeType> unwanted;

    /**
     * @param rows which rows pass, by the exchange's body, a {@link RowChange} whose type says nothing; null for all
     * @param unwanted types of changes that do not pass
     */
    public ChangeFilterProcessor(Predicate rows, Set<ChangeType> unwanted) {
        this.rows = rows;
        this.unwanted = Set.copyOf(unwanted);
    }

    @Override
    public void process(Exchange exchange) {
        if (!(exchange.getMessage().getBody() instanceof RowChange change)) {
            return;
        }
        Optional<Change> filtered = filter(exchange, change);
        exchange.getMessage().setBody(filtered.orElse(null));
        exchange.setRouteStop(filtered.isEmpty());
    }

    private Optional<Change> filter(Exchange exchange, RowChange change) {
        if (change.type() == ChangeType.UPDATE && change.before().equals(change.after())) {
            return Optional.empty();
        }
        try {
            return (rows == null ? Optional.of(change) : byRows(exchange, change))
                    .filter(passed -> !unwanted.contains(passed.type()))
                    .map(Change.class::cast);
        } catch (RuntimeException e) {
            String reason = NestedExceptionUtils.getMostSpecificCause(e).getMessage();
            return Optional.of(new Undecided(change, "monitor.filter: " + reason));
        }
    }

    private Optional<RowChange> byRows(Exchange exchange, RowChange change) {
        if (change.type() != ChangeType.UPDATE) {
            return Optional.of(change).filter(row -> passes(exchange, row));
        }
        RowChange delete = as(ChangeType.DELETE, change);
        RowChange insert = as(ChangeType.INSERT, change);
        boolean before = passes(exchange, delete);
        boolean after = passes(exchange, insert);
        if (before) {
            return Optional.of(after ? change : delete);
        }
        return Optional.of(insert).filter(row -> after);
    }

    private boolean passes(Exchange exchange, RowChange row) {
        exchange.getMessage().setBody(row);
        return rows.matches(exchange);
    }

    private static RowChange as(ChangeType type, RowChange update) {
        return new RowChange(
                type,
                update.table(),
                type == ChangeType.INSERT ? List.of() : update.before(),
                type == ChangeType.DELETE ? List.of() : update.after(),
                update.position(),
                update.committedAt(),
                update.keyChange(),
                update.merged());
    }
}
