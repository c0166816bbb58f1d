# The image of MySQL Monitor. Build the jar first: mvn -q -DskipTests package
ARG JAVA_IMAGE=eclipse-temurin:17-jre
FROM ${JAVA_IMAGE}
WORKDIR /mysql-monitor
COPY target/lib lib
COPY target/mysql-monitor.jar .
COPY routes routes
COPY mysql-monitor jvm.options ./
RUN mkdir data && chown 1000:1000 data
# Health and metrics are to be reached from outside of the container.
ENV MONITOR_HTTP_HOST=0.0.0.0
# Where `train run` leaves its archive, for the starts after it.
ENV MONITOR_ARCHIVE=/mysql-monitor/data/mysql-monitor.archive
EXPOSE 8090
USER 1000:1000
VOLUME /mysql-monitor/data
ENTRYPOINT ["./mysql-monitor"]
CMD ["run"]
