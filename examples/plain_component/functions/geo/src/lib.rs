//! Points on the earth. Neither the code nor its WIT knows anything of Duckpen.

mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "geo" });
}

use bindings::exports::geo::earth::points::{Guest, Hemisphere, Point};

const EARTH_RADIUS_KM: f64 = 6_371.0;

/// The component.
pub struct Geo;

impl Guest for Geo {
    fn parse_point(text: String) -> Result<Point, String> {
        let number = |text: &str| text.parse::<f64>().ok();
        let point = text.split_once(' ').and_then(|(latitude, longitude)| {
            Some(Point { latitude: number(latitude)?, longitude: number(longitude)? })
        });
        let on_earth = |point: &Point| point.latitude.abs() <= 90.0 && point.longitude.abs() <= 180.0;
        point.filter(on_earth).ok_or_else(|| format!("`{text}` is no latitude and longitude"))
    }

    fn distance_km(start: Point, end: Point) -> f64 {
        let half_sine_squared = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
        let across = start.latitude.to_radians().cos() * end.latitude.to_radians().cos();
        let chord = half_sine_squared(end.latitude - start.latitude)
            + across * half_sine_squared(end.longitude - start.longitude);
        2.0 * EARTH_RADIUS_KM * chord.sqrt().min(1.0).asin()
    }

    fn hemisphere_of(at: Point) -> Hemisphere {
        if at.latitude < 0.0 { Hemisphere::Southern } else { Hemisphere::Northern }
    }

    fn centre(points: Vec<Point>) -> Option<Point> {
        let count = points.len() as f64;
        let mean = |of: fn(&Point) -> f64| points.iter().map(of).sum::<f64>() / count;
        let centre = || Point { latitude: mean(|point| point.latitude), longitude: mean(|point| point.longitude) };
        (!points.is_empty()).then(centre)
    }
}

// The names of the exports are no symbols that a linker for another target would take.
#[cfg(target_family = "wasm")]
bindings::export!(Geo with_types_in bindings);
