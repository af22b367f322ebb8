use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, init_service};

use super::*;
use crate::clock::Clock;
use crate::config::Config;

async fn panics() -> HttpResponse {
    panic!("on purpose")
}

async fn sleeps() -> HttpResponse {
    std::future::pending().await
}

/// An accident is one request's, is told without detail, and the next request is answered.
#[actix_web::test]
async fn an_accident_costs_one_request() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.database.url = format!("sqlite:{}", directory.path().join("test.db").display());
    config.passwords.memory = 64;
    config.server.request_timeout = 1;
    let started = crate::app::start::start(config, Clock::system()).await.unwrap();
    let service = init_service(
        actix_web::App::new()
            .app_data(web::Data::from(started.app.clone()))
            .app_data(web::Data::new(RequestIds::new()))
            .route("/oauth/token", web::to(panics))
            .route("/page", web::to(sleeps))
            .route("/good", web::to(HttpResponse::Ok))
            .wrap(from_fn(around)),
    )
    .await;
    for (path, expected) in [("/oauth/token", 500), ("/page", 503), ("/good", 200), ("/oauth/token", 500)] {
        let request = TestRequest::get().uri(path).insert_header(("X-Request-Id", "mine")).to_request();
        let response = match actix_web::dev::Service::call(&service, request).await {
            Ok(response) => response.into_parts().1.map_into_boxed_body(),
            Err(error) => error.error_response(),
        };
        assert_eq!(response.status().as_u16(), expected, "{path}");
        let id = response.headers().get("x-request-id").unwrap().to_str().unwrap();
        assert!(id.len() >= 8 && id != "mine", "{id}");
        if path == "/oauth/token" {
            let body = actix_web::body::to_bytes(response.into_body()).await.unwrap();
            assert_eq!(body, r#"{"error":"server_error"}"#);
        }
    }
}
