package io.mysqlmonitor.change;

import java.io.IOException;

/**
 * A change that cannot be published, now or later, whatever the broker does: a value has no form in the message contract, no filter could
 * tell, or the message is one that the broker never takes. It goes to the dead letters; every other failure is tried again.
 */
public class UnpublishableException extends IOException {

    private static final long serialVersionUID = 1L;

    /**
     * @param reason one line for people; without values of the row
     */
    public UnpublishableException(String reason) {
        super(reason);
    }
}
