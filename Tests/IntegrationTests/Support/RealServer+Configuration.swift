// SPDX-License-Identifier: Apache-2.0

import Glibc

// What each server reads: the smallest configuration that serves a directory on one port.
extension RealServer {
    var configuration: String {
        switch plan.program {
        case .nginx: nginx
        case .apache: apache
        case .lighttpd: lighttpd
        }
    }

    private var nginx: String {
        let tls = certificates.map { "ssl_certificate \($0.certificate); ssl_certificate_key \($0.key);" } ?? ""
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(directory)/nginx-\($0);" }
            .joined(separator: " ")
        return """
            daemon off;
            worker_processes 1;
            pid \(directory)/nginx.pid;
            error_log \(directory)/log;
            \(geteuid() == 0 ? "user root;" : "")
            events { worker_connections 256; }
            http {
                access_log off;
                default_type application/octet-stream;
                sendfile on;
                \(temporary)
                server {
                    listen 127.0.0.1:\(port.number)\(certificates == nil ? "" : " ssl");
                    root \(files);
                    \(tls)
                    \(plan.rate.map { "limit_rate \($0);" } ?? "")
                    \(plan.extra.replacing("$PORT", with: "\(port.number)"))
                }
            }

            """
    }

    private var apache: String {
        let modules = "/usr/lib/apache2/modules"
        let limit = """
            LoadModule ratelimit_module \(modules)/mod_ratelimit.so
            <Location "/">
            SetOutputFilter RATE_LIMIT
            SetEnv rate-limit \((plan.rate ?? 0) / 1024)
            </Location>
            """
        let tls = certificates.map {
            """
            LoadModule ssl_module \(modules)/mod_ssl.so
            SSLEngine on
            SSLSessionCache none
            SSLCertificateFile "\($0.certificate)"
            SSLCertificateKeyFile "\($0.key)"
            """
        }
        return """
            ServerRoot "\(directory)"
            DefaultRuntimeDir "\(directory)"
            PidFile "\(directory)/apache.pid"
            ErrorLog "\(directory)/log"
            ServerName localhost
            LoadModule mpm_event_module \(modules)/mod_mpm_event.so
            LoadModule authz_core_module \(modules)/mod_authz_core.so
            LoadModule env_module \(modules)/mod_env.so
            User www-data
            Group www-data
            StartServers 1
            Listen 127.0.0.1:\(port.number)
            DocumentRoot "\(files)"
            \(tls ?? "")
            \(plan.rate == nil ? "" : limit)

            """
    }

    private var lighttpd: String {
        let tls = certificates.map {
            """
            server.modules = ("mod_openssl")
            ssl.engine = "enable"
            ssl.pemfile = "\($0.certificate)"
            ssl.privkey = "\($0.key)"
            """
        }
        return """
            server.document-root = "\(files)"
            server.errorlog = "\(directory)/log"
            server.bind = "127.0.0.1"
            server.port = \(port.number)
            server.upload-dirs = ("\(directory)")
            mimetype.assign = ("" => "application/octet-stream")
            \(tls ?? "")
            \(plan.rate.map { "connection.kbytes-per-second = \($0 / 1024)" } ?? "")

            """
    }
}
