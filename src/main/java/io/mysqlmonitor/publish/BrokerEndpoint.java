package io.mysqlmonitor.publish;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.component.springrabbit.SpringRabbitMQComponent;
import org.apache.camel.support.EndpointHelper;
import org.apache.camel.support.service.ServiceHelper;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;

/** The routes' endpoint for RabbitMQ: the one whose URI names the monitor's connection factory, {@code #monitorRabbitmq}. */
final class BrokerEndpoint {

    private static final Pattern OWN = Pattern.compile(
            "(^spring-rabbitmq:.*(?<!\\{)[?&])connectionFactory=(?:#|%23)(?:bean:|bean%3A)?monitorRabbitmq(?:&|$)(.*)");

    private BrokerEndpoint() {}

    static boolean isOwn(String uri) {
        return OWN.matcher(String.valueOf(uri)).find();
    }

    /** The endpoint for such a URI, by a component that is not the context's: that one is the application's to configure. */
    static Endpoint create(CamelContext context, String uri, ConnectionFactory connectionFactory) throws Exception {
        SpringRabbitMQComponent component = new SpringRabbitMQComponent();
        component.setCamelContext(context);
        component.setConnectionFactory(connectionFactory);
        ServiceHelper.startService(component);
        Matcher own = OWN.matcher(uri);
        String others = own.replaceFirst("$1$2").replaceFirst("[?&]$", "");
        String resolved = EndpointHelper.resolveEndpointUriPropertyPlaceholders(context, others);
        return component.createEndpoint(EndpointHelper.normalizeEndpointUri(resolved));
    }
}
