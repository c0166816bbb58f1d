package io.mysqlmonitor.message;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import io.mysqlmonitor.change.Undecided;
import io.mysqlmonitor.change.UnpublishableException;
import java.io.IOException;

/** A change of which nobody can tell whether it is to be published: it has no message of its own, and becomes a dead letter. */
final class UndecidedSerializer extends JsonSerializer<Undecided> {

    @Override
    public void serialize(Undecided undecided, JsonGenerator json, SerializerProvider provider) throws IOException {
        throw new UnpublishableException(undecided.reason());
    }
}
