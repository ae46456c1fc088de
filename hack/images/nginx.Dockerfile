# Stand-in for nginx where Docker Hub cannot be reached: Debian's nginx, set up as the official image is
# (configuration in /etc/nginx/conf.d, logs on the container's output, nginx in the foreground).
FROM debian:trixie-slim
RUN apt-get -qq update && apt-get -qq install -y --no-install-recommends nginx-light >/dev/null \
    && rm -rf /var/lib/apt/lists/* /etc/nginx/sites-enabled \
    && mkdir -p /usr/share/nginx/html \
    && mv /var/www/html/index*.html /usr/share/nginx/html/index.html \
    && ln -sf /dev/stdout /var/log/nginx/access.log && ln -sf /dev/stderr /var/log/nginx/error.log
COPY <<'CONF' /etc/nginx/conf.d/default.conf
server {
    listen 80;
    root /usr/share/nginx/html;
    index index.html;
}
CONF
EXPOSE 80
STOPSIGNAL SIGQUIT
CMD ["nginx", "-g", "daemon off;"]
